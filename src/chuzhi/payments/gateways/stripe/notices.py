"""Events as Stripe's webhook sends them: in any order, some twice, most of them none of our business."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chuzhi.payments.gateways.contract import AgreementState, AgreementTold, Content, ForgedError, Notice, State
from chuzhi.payments.gateways.stripe import meaning, signing
from chuzhi.payments.gateways.stripe.account import Account
from chuzhi.payments.gateways.stripe.meaning import Facts

SIGNATURE = "stripe-signature"


def read(account: Account, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
    signing.verify(headers.get(SIGNATURE, ""), body, secrets=account.webhook_secrets, now=now)
    event: dict[str, Any] = json.loads(body)
    if bool(event.get("livemode")) is not account.is_live:
        raise ForgedError("The notice is of Stripe's other mode: test and live money are not the same.")
    return Notice(event=str(event["id"]), kind=str(event["type"]), content=_content(account, event))


def _content(account: Account, event: Facts) -> Content | None:
    """A connected account is named in the event; without a name it is the one whose secret signed."""
    told = READERS.get(str(event["type"]), _nothing)(event, str(event.get("account") or account.merchant))
    is_ours = told is not None and (told.number or told.provider_id)
    return told if is_ours else None


def _nothing(_event: Facts, _merchant: str) -> None:
    return None


def _intent(event: Facts, merchant: str) -> Content | None:
    intent = event["data"]["object"]
    return meaning.of_intent(intent, merchant=merchant, at=event["created"]) if meaning.number_of(intent) else None


def _session(event: Facts, merchant: str) -> Content | None:
    """The end of an agreement's session is told by its setup intent, which alone names the card."""
    session = event["data"]["object"]
    if not session.get("client_reference_id"):
        return None
    if session["mode"] == "payment":
        told = meaning.of_session(session, merchant=merchant, at=event["created"])
        has_failed = event["type"] == "checkout.session.async_payment_failed"
        return replace(told, state=State.FAILED, reason="async_payment_failed") if has_failed else told
    ended = meaning.of_setup_session(session, merchant=merchant, at=event["created"])
    return ended if ended.state is AgreementState.ENDED else None


def _setup(event: Facts, merchant: str) -> Content | None:
    intent = event["data"]["object"]
    return meaning.of_setup(intent, merchant=merchant, at=event["created"]) if meaning.number_of(intent) else None


def _refund(event: Facts, merchant: str) -> Content | None:
    refund = event["data"]["object"]
    return meaning.of_refund(refund, merchant=merchant, at=event["created"]) if meaning.number_of(refund) else None


def _dispute(event: Facts, merchant: str) -> Content | None:
    return meaning.of_dispute(event["data"]["object"], merchant=merchant)


def _detached(event: Facts, merchant: str) -> Content | None:
    """The card is taken from its customer: whatever was agreed for the two has ended."""
    customer = meaning.id_of((event["data"].get("previous_attributes") or {}).get("customer"))
    card = event["data"]["object"]
    return AgreementTold(
        number="",
        state=AgreementState.ENDED,
        merchant=merchant,
        provider_id=meaning.agreement_id(customer, card["id"]),
        payer=customer,
        changed_at=meaning.moment(event["created"]),
        reason="detached",
    )


READERS: dict[str, Callable[[Facts, str], Content | None]] = {
    "checkout.session.completed": _session,
    "checkout.session.expired": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "payment_intent.succeeded": _intent,
    "payment_intent.processing": _intent,
    "payment_intent.payment_failed": _intent,
    "payment_intent.requires_action": _intent,
    "payment_intent.canceled": _intent,
    "setup_intent.succeeded": _setup,
    "setup_intent.setup_failed": _setup,
    "payment_method.detached": _detached,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
}
