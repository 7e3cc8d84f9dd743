"""A day of Stripe's balance, which is the bill: every movement with what Stripe kept of it. Its days are those of UTC."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from chuzhi.payments.gateways.contract import Bill, BillLine, ForgedError, LineKind
from chuzhi.payments.gateways.stripe import meaning
from chuzhi.payments.gateways.stripe.amounts import of_stripe
from chuzhi.payments.gateways.stripe.api import Api
from chuzhi.payments.gateways.stripe.meaning import Facts

KINDS = {
    "charge": LineKind.PAYMENT,
    "payment": LineKind.PAYMENT,
    "refund": LineKind.REFUND,
    "payment_refund": LineKind.REFUND,
    "refund_failure": LineKind.REFUND,
    "payment_failure_refund": LineKind.REFUND,
    "payment_reversal": LineKind.REFUND,
    "stripe_fee": LineKind.FEE,
    "stripe_fx_fee": LineKind.FEE,
    "tax_fee": LineKind.FEE,
    "payout": LineKind.PAYOUT,
}
DISPUTES = {"dispute", "dispute_reversal"}


def read(api: Api, on: date) -> Bill:
    """Raises ForgedError for a movement that does not add up."""
    start = datetime.combine(on, time.min, UTC)
    created = {"gte": int(start.timestamp()), "lt": int((start + timedelta(days=1)).timestamp())}
    return Bill(on, list(_lines(api.each("balance_transactions", created=created, expand=["data.source"]))))


def _lines(movements: Iterator[Facts]) -> Iterator[BillLine]:
    for movement in movements:
        parts = sum(part["amount"] for part in movement.get("fee_details") or [])
        if movement["net"] != movement["amount"] - movement["fee"] or movement["fee"] != parts:
            raise ForgedError(f"{movement['id']} does not add up.")
        yield _line(movement)


def _line(movement: Facts) -> BillLine:
    kind = KINDS.get(str(movement["type"]), LineKind.OTHER)
    if movement.get("reporting_category") in DISPUTES:
        kind = LineKind.DISPUTE
    source = movement.get("source")
    whole = source if isinstance(source, Mapping) else {}
    is_payment = kind is LineKind.PAYMENT
    return BillLine(
        kind=kind,
        number=meaning.number_of(whole),
        provider_id=(meaning.id_of(whole.get("payment_intent")) if is_payment else "")
        or meaning.id_of(source)
        or movement["id"],
        amount=of_stripe(movement["amount"], movement["currency"]),
        currency=str(movement["currency"]).upper(),
        fee=of_stripe(movement["fee"], movement["currency"]),
        at=meaning.moment(movement["created"]),
    )
