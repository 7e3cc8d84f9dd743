"""What Stripe's objects say, in the words of the contract. The same whether they came in a notice or in an answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chuzhi.payments.gateways.contract import (
    AgreementState,
    AgreementTold,
    Decline,
    DisputeState,
    DisputeTold,
    RefundState,
    RefundTold,
    State,
    Told,
)
from chuzhi.payments.gateways.stripe import declines
from chuzhi.payments.gateways.stripe.amounts import of_stripe

Facts = Mapping[str, Any]

ABANDONED = "abandoned"
"""Why we cancel a charge that wants the payer, who is not there."""

REFUND_STATES = {
    "pending": RefundState.PROCESSING,
    "requires_action": RefundState.PROCESSING,
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
DISPUTE_STATES = {
    "needs_response": DisputeState.OPENED,
    "under_review": DisputeState.OPENED,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
"""An inquiry (`warning_…`) takes no money and is not a dispute yet."""


def number_of(thing: Facts) -> str:
    """Ours, or empty: somebody else uses the same account."""
    return str((thing.get("metadata") or {}).get("number") or "")


def id_of(reference: object) -> str:
    """Stripe names another object by its id, or puts it there whole."""
    return str((reference.get("id") if isinstance(reference, Mapping) else reference) or "")


def moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(int(str(seconds)), UTC) if seconds else None


def of_intent(intent: Facts, *, merchant: str, at: object = None, is_last: bool = False) -> Told:
    """A payment intent. `is_last`: no other card can be tried for it, so a declined one ends it. `at`: when it was told."""
    state, decline, reason = _standing(intent, is_last=is_last or _is_absent(intent))
    charge = intent.get("latest_charge")
    whole = charge if isinstance(charge, Mapping) else {}
    currency = str(intent["currency"]).upper()
    is_paid = state is State.PAID
    return Told(
        number=number_of(intent),
        state=state,
        merchant=merchant,
        amount=of_stripe(intent["amount_received"] if is_paid else intent["amount"], currency),
        currency=currency,
        provider_id=str(intent["id"]),
        paid_at=moment(whole.get("created") or at) if is_paid else None,
        payer=id_of(intent.get("customer")),
        fee=_fee(whole, currency) if is_paid else None,
        decline=decline,
        reason=reason,
    )


def _is_absent(intent: Facts) -> bool:
    return (intent.get("metadata") or {}).get("scene") == "absent"


def _standing(intent: Facts, *, is_last: bool) -> tuple[State, Decline | None, str]:
    error = intent.get("last_payment_error") or {}
    match intent["status"]:
        case "succeeded":
            return State.PAID, None, ""
        case "canceled" if _is_absent(intent) and intent.get("cancellation_reason") == ABANDONED:
            return State.FAILED, Decline.ASK, "requires_action"
        case "canceled":
            return State.CLOSED, None, str(intent.get("cancellation_reason") or "")
        case "requires_action" if is_last:
            return State.FAILED, Decline.ASK, "requires_action"
        case "requires_payment_method" if is_last:
            return State.FAILED, declines.meaning(error) if error else None, declines.reason(error)
    return State.WAITING, None, declines.reason(error)


def _fee(charge: Facts, currency: str) -> int | None:
    """Known once Stripe has booked it, and only where it is taken in the currency of the payment."""
    booked = charge.get("balance_transaction")
    if not isinstance(booked, Mapping) or str(booked["currency"]).upper() != currency:
        return None
    return of_stripe(booked["fee"], currency)


def of_session(session: Facts, *, merchant: str, at: object = None) -> Told:
    """A Checkout Session. With the intent in it, the intent decides; alone, it says what it can."""
    intent = session.get("payment_intent")
    if session["status"] == "complete" and isinstance(intent, Mapping):
        return of_intent(intent, merchant=merchant, at=at, is_last=True)
    is_paid = session["status"] == "complete" and session["payment_status"] != "unpaid"
    currency = str(session["currency"]).upper()
    return Told(
        number=str(session.get("client_reference_id") or ""),
        state=State.PAID if is_paid else State.CLOSED if session["status"] == "expired" else State.WAITING,
        merchant=merchant,
        amount=of_stripe(session["amount_total"], currency),
        currency=currency,
        provider_id=id_of(intent) or str(session["id"]),
        paid_at=moment(at) if is_paid else None,
        payer=id_of(session.get("customer")),
    )


def of_refund(refund: Facts, *, merchant: str, at: object = None) -> RefundTold:
    state = REFUND_STATES.get(str(refund.get("status")), RefundState.PROCESSING)
    currency = str(refund["currency"]).upper()
    return RefundTold(
        number=number_of(refund),
        payment=str((refund.get("metadata") or {}).get("payment") or ""),
        state=state,
        merchant=merchant,
        amount=of_stripe(refund["amount"], currency),
        currency=currency,
        provider_id=str(refund["id"]),
        done_at=moment(at or refund.get("created")) if state is RefundState.DONE else None,
        reason=str(refund.get("failure_reason") or refund.get("pending_reason") or ""),
    )


def agreement_id(customer: str, payment_method: str) -> str:
    """A later charge names both: whose card, and which."""
    return f"{customer}:{payment_method}"


def of_setup(intent: Facts, *, merchant: str, at: object = None) -> AgreementTold:
    """A setup intent. One that failed may be tried with another card as long as its session is open."""
    is_signed = intent["status"] == "succeeded"
    customer = id_of(intent.get("customer"))
    return AgreementTold(
        number=number_of(intent),
        state=AgreementState.SIGNED if is_signed else AgreementState.WAITING,
        merchant=merchant,
        provider_id=agreement_id(customer, id_of(intent.get("payment_method"))) if is_signed else "",
        payer=customer,
        changed_at=moment(at or intent.get("created")) if is_signed else None,
        reason=declines.reason(intent.get("last_setup_error") or {}),
    )


def of_setup_session(session: Facts, *, merchant: str, at: object = None) -> AgreementTold:
    intent = session.get("setup_intent")
    if session["status"] == "complete" and isinstance(intent, Mapping):
        return of_setup(intent, merchant=merchant)
    is_over = session["status"] == "expired"
    return AgreementTold(
        number=str(session.get("client_reference_id") or ""),
        state=AgreementState.ENDED if is_over else AgreementState.WAITING,
        merchant=merchant,
        changed_at=moment(at or session.get("expires_at")) if is_over else None,
        reason="expired" if is_over else "",
    )


def of_dispute(dispute: Facts, *, merchant: str) -> DisputeTold | None:
    """Stripe tells a dispute by its own ids alone. None: no money is disputed."""
    state = DISPUTE_STATES.get(str(dispute.get("status")))
    if state is None:
        return None
    currency = str(dispute["currency"]).upper()
    return DisputeTold(
        dispute=str(dispute["id"]),
        number="",
        provider_id=id_of(dispute.get("payment_intent")),
        state=state,
        amount=of_stripe(dispute["amount"], currency),
        currency=currency,
        merchant=merchant,
        reason=str(dispute.get("reason") or ""),
        answer_by=moment((dispute.get("evidence_details") or {}).get("due_by")),
    )
