"""What an invoice says once the coins are counted. Coins are worth the rate that the invoice was made at.

Paid in full is what was asked, and what came above it is told beside it. Money that is less is told as it is, rounded down: the core sees
that it is not what was asked, and somebody has to look. Coins that wait for the network count for nothing yet.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from chuzhi.core import money
from chuzhi.payments.gateways.contract import RefundAsked, RefundState, RefundTold, State, Told

Facts = Mapping[str, Any]


def number_of(invoice: Facts) -> str:
    return str((invoice.get("metadata") or {}).get("orderId") or "")


def minor(decimal: object, currency: str) -> int:
    """Whole minor units of a decimal text; what is finer is cut off."""
    scaled = Decimal(str(decimal)).scaleb(money.exponent(currency))
    return int(scaled.to_integral_value(rounding=ROUND_DOWN))


def moment(seconds: object) -> datetime:
    return datetime.fromtimestamp(int(Decimal(str(seconds))), UTC)


def payments(methods: Sequence[Facts], status: str) -> list[tuple[Facts, Decimal]]:
    """Transfers in a state, each with its worth in the invoice's currency."""
    return [
        (payment, Decimal(str(payment["value"])) * Decimal(str(method["rate"])))
        for method in methods
        for payment in method["payments"]
        if payment["status"] == status
    ]


def settled(invoice: Facts, methods: Sequence[Facts]) -> int:
    """What has surely come, in minor units of the invoice's currency. Enough coins are the whole amount, whatever a rate rounds to."""
    worth = sum((worth for _payment, worth in payments(methods, "Settled")), Decimal())
    whole = minor(invoice["amount"], invoice["currency"])
    came = minor(worth, invoice["currency"])
    is_whole = worth and any(_coins(method, "Settled") >= Decimal(str(method["amount"])) for method in methods)
    return max(whole, came) if is_whole else came


def _coins(method: Facts, status: str) -> Decimal:
    return sum((Decimal(str(each["value"])) for each in method["payments"] if each["status"] == status), Decimal())


def of_invoice(invoice: Facts, methods: Sequence[Facts], *, now: datetime) -> Told:
    """An invoice that is over may still be paid: late, or in part."""
    came = settled(invoice, methods)
    asked = minor(invoice["amount"], invoice["currency"])
    state = _state(invoice, came, has_more_coming=bool(payments(methods, "Processing")), now=now)
    at = max((moment(each["receivedDate"]) for each, _worth in payments(methods, "Settled")), default=None)
    is_paid = state is State.PAID
    is_whole = invoice["status"] == "Settled" or came >= asked
    return Told(
        number=number_of(invoice),
        state=state,
        merchant=str(invoice["storeId"]),
        amount=asked if is_whole or not is_paid else came,
        currency=str(invoice["currency"]).upper(),
        provider_id=str(invoice["id"]),
        paid_at=at if is_paid else None,
        fee=0 if is_paid else None,
        surplus=max(0, came - asked) if is_paid else 0,
        reason="" if invoice.get("additionalStatus") in {None, "None"} else str(invoice["additionalStatus"]),
    )


def _state(invoice: Facts, came: int, *, has_more_coming: bool, now: datetime) -> State:
    match invoice["status"]:
        case "Settled":
            return State.PAID
        case "New" | "Processing":
            return State.WAITING
    is_watched = moment(invoice["monitoringExpiration"]) > now
    if has_more_coming and is_watched:
        return State.WAITING
    return State.PAID if came else State.CLOSED


def of_pull_payment(asked: RefundAsked, pull: Facts, payouts: Sequence[Facts], *, merchant: str) -> RefundTold:
    """Done when the payer has claimed it and all of it has gone out. Withdrawn before anything went: it failed."""
    paid_out = sum(minor(each["originalAmount"], asked.currency) for each in payouts if each["state"] == "Completed")
    is_open = any(each["state"] not in {"Completed", "Cancelled"} for each in payouts)
    amount = minor(pull["amount"], asked.currency)
    if paid_out >= amount:
        state, reason = RefundState.DONE, ""
    elif pull.get("archived") and not is_open and not paid_out:
        state, reason = RefundState.FAILED, "archived"
    else:
        state, reason = RefundState.PROCESSING, "partly_claimed" if paid_out else "unclaimed"
    done = [moment(each["date"]) for each in payouts if each["state"] == "Completed"]
    return RefundTold(
        number=asked.number,
        payment=asked.payment,
        state=state,
        merchant=merchant,
        amount=amount,
        currency=str(pull["currency"]).upper(),
        provider_id=str(pull["id"]),
        done_at=max(done) if state is RefundState.DONE else None,
        reason=reason,
    )
