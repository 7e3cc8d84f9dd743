"""What the ledger says of money that came and went by way of providers, read from the journal as it grows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from chuzhi.finance import terminals
from chuzhi.finance.models import Movement
from chuzhi.finance.rules import Way
from chuzhi.ledger import assets, chart, followers
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket, Method, System
from chuzhi.ledger.chart import Kind as Did
from chuzhi.ledger.followers import Entry
from chuzhi.ledger.outcomes import Outcome
from chuzhi.payments.models import Account, Dispute, Payment, Refund
from chuzhi.wallets import moves

FOLLOWER = "reconciliation"
PROVIDED = frozenset({Method.BANK, Method.TERMINAL, Method.WECHAT, Method.ALIPAY, Method.STRIPE, Method.CRYPTO})
"""Methods whose money comes through somebody who tells us of it. Cash is counted, and a partner has its own float."""

WAYS = {
    Did.TOP_UP: Way.PAYMENT,
    Did.TOP_UP_REFUND: Way.REFUND,
    Did.DISPUTE: Way.DISPUTE,
    Did.DISPUTE_END: Way.DISPUTE,
}


@dataclass(frozen=True, slots=True)
class _Booked:
    entry: Entry
    method: int
    amount: int


def catch_up() -> int:
    """Read the journal to its end. Answers how many entries were new."""
    count = 0
    while read := followers.follow(FOLLOWER, _note):
        count += read
    return count


def _note(entries: Sequence[Entry]) -> None:
    for booked in [each for entry in entries for each in _through_providers(entry)]:
        outcome = booked.entry.outcome
        account, way, number = _slip_of(booked.entry) if booked.method == Method.TERMINAL else _place(booked)
        movement, _is_new = Movement.objects.get_or_create(
            account=account,
            method=booked.method,
            way=way,
            number=number,
            defaults={"currency": assets.currency(outcome.asset)},
        )
        on = outcome.time.astimezone(shop_zone()).date()
        Movement.objects.filter(pk=movement.pk).update(
            booked=Coalesce(F("booked"), Value(0)) + booked.amount, booked_on=on, is_settled=False
        )


def _through_providers(entry: Entry) -> list[_Booked]:
    """What an entry moved on each provider's clearing account."""
    outcome = entry.outcome
    if outcome.refusal is not None or outcome.kind not in WAYS or not assets.currency(outcome.asset):
        return []
    sums: dict[int, int] = {}
    for leg in outcome.legs:
        if chart.system_total(leg.account) == chart.account(System.CLEARING) and leg.amount:
            method = chart.party_of(leg.account)
            sums[method] = sums.get(method, 0) + (-leg.amount if leg.bucket is Bucket.DEBT else leg.amount)
    return [_Booked(entry, method, amount) for method, amount in sums.items() if method in PROVIDED]


def _place(booked: _Booked) -> tuple[Account | None, Way, str]:
    """What takes back a top-up that nobody paid is of the same movement: together they come to nothing."""
    payment, kind = _payment_of(booked.entry), booked.entry.outcome.kind
    account = payment.account if payment else Account.objects.filter(method=booked.method).order_by("pk").first()
    if payment is None or payment.stage != Payment.Stage.PAID:
        top_up, _details = _top_up_of(booked.entry)
        return account, Way.PAYMENT, payment.number if payment else moves.operation_id(top_up.book, top_up.seq)
    return account, WAYS[kind], _number(booked.entry, payment)


def _slip_of(entry: Entry) -> tuple[Account | None, Way, str]:
    outcome, _details = _top_up_of(entry)
    account, name = terminals.place_of(outcome.book, outcome.seq)
    return account, WAYS[entry.outcome.kind], name or moves.operation_id(entry.outcome.book, entry.outcome.seq)


def _top_up_of(entry: Entry) -> tuple[Outcome, str]:
    """The top-up that an entry is, or is about; the entry itself where there is none."""
    outcome, details = entry.outcome, entry.details
    while outcome.kind is not Did.TOP_UP and outcome.ref_seq is not None:
        about = journal.operation(outcome.book, outcome.ref_seq)
        if about is None:
            break
        outcome, details = about.outcome, about.details
    return outcome, details


def _payment_of(entry: Entry) -> Payment | None:
    """The payment that a top-up names, or the top-up that an entry is about."""
    outcome, details = _top_up_of(entry)
    reference = json.loads(details or "{}").get("reference", "") if outcome.kind is Did.TOP_UP else ""
    return Payment.objects.select_related("account").filter(number=reference).first() if reference else None


def _number(entry: Entry, payment: Payment) -> str:
    """What the other books call it; what only the ledger knows is called as the ledger does."""
    outcome = entry.outcome
    own = moves.operation_id(outcome.book, outcome.seq)
    if outcome.kind is Did.TOP_UP:
        return payment.number
    if outcome.kind is Did.TOP_UP_REFUND:
        refund = Refund.objects.filter(payment=payment, asked_for__endswith=f":{own}").first()
        return refund.number if refund else own
    dispute = Dispute.objects.filter(payment=payment).order_by("-pk").first()
    return dispute.provider_id if dispute else own
