"""The books of both sides after a storm: each provider's as it tells them, ours as the journal has them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from chuzhi.ledger.chart import Kind
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.models import Incident, Payment, Refund
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from proof.town import Town


@dataclass
class Theirs:
    """What one provider took and gave back, in minor units by our number; `undone` it gave back by itself."""

    paid: dict[str, int] = field(default_factory=dict)
    given_back: dict[str, int] = field(default_factory=dict)
    undone: dict[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return sum(self.paid.values()) - sum(self.given_back.values()) - sum(self.undone.values())


def theirs(town: Town, name: str) -> Theirs:
    return READERS[name](town.providers[name].books())


def _wechat(told: Any) -> Theirs:
    read = Theirs()
    for order in told["orders"]:
        if not order["paid_at"]:
            continue
        read.paid[order["number"]] = order["amount"]
        if order["state"] == "REVOKED":
            read.undone[order["number"]] = order["amount"]
        read.given_back |= {each["number"]: each["amount"] for each in order["refunds"] if each["status"] == "SUCCESS"}
    return read


def _alipay(told: Any) -> Theirs:
    done = [each for each in told["refunds"] if each["is_done"]]
    return Theirs(
        paid={each["number"]: each["amount"] for each in told["payments"] if each["is_paid"]},
        given_back={each["number"]: each["amount"] for each in done if each["number"] != each["payment"]},
        undone={each["number"]: each["amount"] for each in done if each["number"] == each["payment"]},
    )


def _stripe(told: Any) -> Theirs:
    return Theirs(
        paid={each["number"]: each["amount"] for each in told["payments"]},
        given_back={each["number"]: each["amount"] for each in told["refunds"] if each["state"] == "succeeded"},
    )


def _btcpay(told: Any) -> Theirs:
    paid = {each["number"]: int(Decimal(each["paid"]) * 100) for each in told["payments"] if Decimal(each["paid"])}
    back = {each["number"]: int(Decimal(each["amount"]) * 100) for each in told["refunds"] if "Completed" in each["states"]}
    return Theirs(paid=paid, given_back=back)


READERS = {"wechat": _wechat, "alipay": _alipay, "stripe": _stripe, "btcpay": _btcpay}


@dataclass
class Ours:
    """The journal's top-ups by the payment that they name, and what of them was taken back for the payer."""

    credited: dict[str, list[int]] = field(default_factory=dict)
    taken_back: int = 0
    held: int = 0

    @property
    def kept(self) -> int:
        return sum(sum(amounts) for amounts in self.credited.values()) - self.taken_back


def ours() -> Ours:
    read = Ours()
    for wallet in Wallet.objects.order_by("pk"):
        read.held += queries.balance(wallet).principal
        for entry in _entries(wallet):
            outcome = entry.outcome
            if outcome.refusal is None and outcome.kind is Kind.TOP_UP:
                paid = json.loads(entry.details)["reference"]
                read.credited.setdefault(paid, []).append(outcome.amount)
            elif outcome.refusal is None and outcome.kind is Kind.TOP_UP_REFUND:
                read.taken_back += outcome.amount
    return read


def _entries(wallet: Wallet) -> Iterator[Any]:
    before = None
    while page := queries.entries(wallet, before=before, limit=500):
        yield from page
        before = page[-1].outcome.seq


def unexplained_payments(town: Town, name: str, journal: Ours) -> dict[str, str]:
    """Payments of a provider's book that are not credited once, given back, or in front of somebody, and why not."""
    book, account = theirs(town, name), town.accounts[name]
    found: dict[str, str] = {}
    for number, amount in book.paid.items():
        payment = Payment.objects.filter(account=account, number=number).first()
        if payment is None:
            found[number] = "nobody knows it"
        elif wrong := _wrong(payment, amount, number in book.undone, journal):
            found[number] = wrong
    for number in Payment.objects.filter(account=account, stage=Payment.Stage.PAID).values_list("number", flat=True):
        if number not in book.paid:
            found[number] = "paid here, and not there"
    return found


def _wrong(payment: Payment, amount: int, is_undone: bool, journal: Ours) -> str:
    credited = journal.credited.get(payment.number, [])
    if is_undone:
        return f"undone there, {payment.stage} here" if credited or payment.stage == Payment.Stage.PAID else ""
    if payment.stage != Payment.Stage.PAID:
        is_seen = Incident.objects.filter(payment=payment).exists()
        return "" if is_seen and not credited else f"paid there, {payment.stage} here"
    order = Order.objects.get(pk=payment.subject_id)
    by_rule = Refund.objects.filter(payment=payment, asked_for__in=[f"{payment.number}:{key}" for key in ("twice", "owed")])
    if credited:
        is_its_own = order.stage == Order.Stage.CREDITED and credited == [payment.amount] and not by_rule.exists()
        return "" if is_its_own else f"credited {credited}, {order.stage}, {list(by_rule.values_list('stage', flat=True))}"
    back = by_rule.first()
    if back is None or back.amount != payment.amount:
        return "neither credited nor given back"
    is_seen = Incident.objects.filter(number=back.number, kind=Incident.Kind.REFUND_FAILED).exists()
    return "" if back.stage == Refund.Stage.DONE or is_seen else f"its refund is {back.stage}"


def unexplained_refunds(town: Town, name: str) -> dict[str, str]:
    """Refunds on which the two sides differ, and nobody has been told."""
    book = theirs(town, name)
    refunds = {each.number: each for each in Refund.objects.filter(payment__account=town.accounts[name])}
    found = {}
    for number in book.given_back.keys() | refunds.keys():
        refund = refunds.get(number)
        if refund is None:
            found[number] = "nobody here asked for it"
            continue
        is_done = refund.stage == Refund.Stage.DONE
        if is_done != (book.given_back.get(number) == refund.amount):
            found[number] = f"{refund.stage} here, {book.given_back.get(number)} of {refund.amount} there"
    return found


def twice_credited(journal: Ours) -> dict[int, int]:
    """Orders with more top-ups in the journal than one."""
    subjects = dict(Payment.objects.filter(number__in=journal.credited).values_list("number", "subject_id"))
    count = Counter(subjects[number] for number, amounts in journal.credited.items() for _each in amounts)
    return {order: times for order, times in count.items() if times > 1}


def bank_lines(town: Town) -> tuple[int, int]:
    """The sum of the bank's movements, and of the lines that we kept of its statements."""
    moved = sum(each["amount"] for each in town.providers["bank"].books()["movements"])
    return moved, BankLine.objects.aggregate(sum=Sum("amount"))["sum"] or 0
