"""What our payments and the bills say of movements, written onto their rows before these are compared."""

import re
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from django.db.models import Count, Max, Min, QuerySet, Sum

from chuzhi.finance import terminals
from chuzhi.finance.bills import BEIJING, ZONES
from chuzhi.finance.models import Line, Movement
from chuzhi.finance.rules import Way
from chuzhi.ledger.batch import shop_zone
from chuzhi.payments.bank.intake import GATEWAY as BANK
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.bank.rules import Verdict
from chuzhi.payments.models import Account, Dispute, Payment, Refund
from chuzhi.till import codes

OF_AN_ENTRY = re.compile(r":\d+-\d+$")
"""How a refund is asked for that value was taken from a wallet for; any other gives back what was never credited."""

TRANSFERRED_WITHIN = timedelta(days=2)
"""How long a refund by bank transfer may wait for whoever transfers it."""


def read_ours(account: Account, movements: Sequence[Movement]) -> None:
    """Payment by payment; what our payments do not know is None."""
    if account.gateway == terminals.GATEWAY:
        terminals.read_ours(account, movements)
        return
    zone = ZONES.get(account.gateway, BEIJING)
    _read_payments(account, [each for each in movements if each.way == Way.PAYMENT], zone)
    _read_refunds(account, [each for each in movements if each.way == Way.REFUND], zone)
    _read_disputes(account, [each for each in movements if each.way == Way.DISPUTE])
    _read_lines([each for each in movements if each.way == Way.LINE])


def number_of(line: BankLine) -> str:
    """What a line of a statement is called among movements."""
    return f"{line.on:%Y%m%d}-{line.pk}"


def line_of(number: str) -> int:
    return int(number.rpartition("-")[2])


def read_billed(account: Account, movements: Sequence[Movement]) -> None:
    """The sum of all lines that name it, whichever bills they are in; none: None."""
    read = _bank_lines if account.gateway == BANK else _billed_lines
    found = read(account, [each.number for each in movements])
    for movement in movements:
        amount, fee, times, on = found.get((movement.way, movement.number), (None, None, 0, None))
        movement.billed, movement.billed_fee, movement.billed_times, movement.billed_on = amount, fee, times, on


def _read_payments(account: Account, movements: Sequence[Movement], zone: tzinfo) -> None:
    numbers = [each.number for each in movements]
    found = Payment.objects.filter(account=account, number__in=numbers, stage=Payment.Stage.PAID)
    paid = {each.number: each for each in found}
    going_back = _going_back(account, numbers)
    for movement in movements:
        payment = paid.get(movement.number)
        movement.ours, movement.ours_on, movement.due_on, movement.fee = None, None, None, None
        if payment is None or payment.paid_at is None:
            continue
        movement.ours, movement.ours_on = payment.amount, payment.paid_at.astimezone(shop_zone()).date()
        movement.due_on = payment.paid_at.astimezone(zone).date()
        movement.fee = _fee_of(account, payment)
        is_for_wallet = payment.purpose != codes.PURPOSE and going_back.get(payment.number, 0) < payment.amount
        movement.needs_booking = movement.booked is not None or is_for_wallet


def _read_refunds(account: Account, movements: Sequence[Movement], zone: tzinfo) -> None:
    found = Refund.objects.filter(payment__account=account, number__in=[each.number for each in movements])
    asked = {each.number: each for each in found.exclude(stage=Refund.Stage.FAILED)}
    for movement in movements:
        refund = asked.get(movement.number)
        movement.ours, movement.ours_on, movement.due_on = None, None, None
        if refund is None:
            continue
        movement.ours = -refund.amount
        movement.ours_on = (refund.done_at or refund.created_at).astimezone(shop_zone()).date()
        if refund.stage == Refund.Stage.DONE and refund.done_at:
            movement.due_on = refund.done_at.astimezone(zone).date()
        elif account.gateway == BANK:  # somebody transfers it by hand, and may forget
            movement.due_on = refund.created_at.astimezone(zone).date() + TRANSFERRED_WITHIN
        movement.needs_booking = movement.booked is not None or bool(OF_AN_ENTRY.search(refund.asked_for))


def _read_disputes(account: Account, movements: Sequence[Movement]) -> None:
    """While the bank has not decided, the ledger waits with a part of it."""
    found = Dispute.objects.filter(account=account, provider_id__in=[each.number for each in movements])
    disputes = {each.provider_id: each for each in found}
    for movement in movements:
        dispute = disputes.get(movement.number)
        movement.ours, movement.ours_on, movement.needs_booking = None, None, True
        if dispute is not None:
            movement.ours = 0 if dispute.stage == Dispute.Stage.WON else -dispute.amount
            movement.ours_on = (dispute.ended_at or dispute.opened_at).astimezone(shop_zone()).date()
            movement.needs_booking = dispute.stage != Dispute.Stage.OPENED


def _read_lines(movements: Sequence[Movement]) -> None:
    """A part of a payment that waits for the rest says of what."""
    found = BankLine.objects.select_related("payment").in_bulk([line_of(each.number) for each in movements])
    for movement in movements:
        line = found[line_of(movement.number)]
        movement.due_on = line.on
        movement.ours = line.payment.amount if line.payment and line.verdict == Verdict.PARTIAL else None


def _fee_of(account: Account, payment: Payment) -> int | None:
    """What the provider told when it was paid; else by the account's rate, if it has one."""
    if payment.fee is not None:
        return payment.fee
    return account.fee_of(payment.amount) if account.fee_rate or account.fee_fixed else None


def _going_back(account: Account, numbers: Sequence[str]) -> dict[str, int]:
    """Of payments, what is given back without ever having been in a wallet."""
    sums: dict[str, int] = {}
    found = Refund.objects.filter(payment__account=account, payment__number__in=numbers).exclude(stage=Refund.Stage.FAILED)
    for number, asked_for, amount in found.values_list("payment__number", "asked_for", "amount"):
        if not OF_AN_ENTRY.search(asked_for):
            sums[number] = sums.get(number, 0) + amount
    return sums


Billed = dict[tuple[str, str], tuple[int, int, int, date]]
"""By way and number: amount, fee, how often, and the day of the last line."""


def _billed_lines(account: Account, numbers: Sequence[str]) -> Billed:
    lines = Line.objects.filter(day__account=account, number__in=numbers).exclude(way="")
    rows = lines.values_list("way", "number").annotate(Sum("amount"), Sum("fee"), Count("pk"), Max("day__on"))
    return {(way, number): (amount, fee, times, on) for way, number, amount, fee, times, on in rows}


def _bank_lines(account: Account, numbers: Sequence[str]) -> Billed:
    lines = BankLine.objects.filter(account=account)
    paid = lines.filter(payment__number__in=numbers, payment__stage=Payment.Stage.PAID, pays__gt=0)
    back = lines.filter(refund__number__in=numbers, state=BankLine.State.DONE)
    found: Billed = {}
    for number, amount, on in paid.values_list("payment__number").annotate(Sum("pays"), Min("on")):
        found[(Way.PAYMENT, number)] = (amount, 0, 1, on)
    for number, amount, on in back.values_list("refund__number").annotate(Sum("amount"), Min("on")):
        found[(Way.REFUND, number)] = (amount, 0, 1, on)
    return found | _unmatched(lines)


def _unmatched(lines: QuerySet[BankLine]) -> Billed:
    """What of each line no payment has taken."""
    found: Billed = {}
    for line in lines.filter(state=BankLine.State.CASE).select_related("payment"):
        is_taken = line.payment is not None and line.payment.stage == Payment.Stage.PAID
        times = 2 if line.verdict == Verdict.DUPLICATE else 1
        found[(Way.LINE, number_of(line))] = (line.amount - line.pays * is_taken, 0, times, line.on)
    return found
