"""What a provider took for us comes to our bank: its own payouts, or each day's bill less the fees, against lines of statements."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet, Sum

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.finance import comparing, payout_rules
from chuzhi.finance.cases import CLOSE
from chuzhi.finance.errors import LineNotWaiting, PayoutArrived
from chuzhi.finance.models import Day, Line, Movement
from chuzhi.finance.payout_rules import Came, Due
from chuzhi.finance.rules import Way
from chuzhi.organization.authority import require
from chuzhi.payments.bank import cases as bank
from chuzhi.payments.bank.intake import GATEWAY as BANK
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.bank.rules import Verdict
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.models import Account

US = actors.system("reconciliation")
A_DAY = timedelta(days=1)
PATIENCE = timedelta(days=3)
"""A payout that is not in statements so many days after it was due is a difference."""
TELLS_PAYOUTS = frozenset({"stripe"})
"""Providers whose bill names its payouts. The others bring what is left of each day on the next."""


@transaction.atomic(durable=True)
def match(account: Account) -> int:
    """Expect what the bills say, and find it in the statements. Done again, it finds the same. Answers how many were found."""
    _locked(account)
    account = Account.objects.get(pk=account.pk)
    if not account.has_watched_payouts:
        _expect_none(account)
    first, last = _covered(account)
    if account.gateway not in payout_rules.NAMES or not account.has_watched_payouts or first is None or last is None:
        return 0
    _expect(account, first)
    waiting = _open(account).filter(line=None)
    due = [Due(each.number, each.ours or 0, each.due_on or first) for each in waiting]
    lines = {each.pk: each for each in candidates(account)}
    came = [Came(each.pk, each.amount, each.on, _text(each)) for each in lines.values()]
    pairs = payout_rules.paired(due, [each for each in came if payout_rules.names(account.gateway, each.text)])
    of_number = {each.number: each for each in waiting}
    for pair in pairs:
        _arrived([of_number[number] for number in pair.numbers], lines[pair.line], by=US)
    _compare(account, first, last)
    return sum(len(pair.numbers) for pair in pairs)


@transaction.atomic(durable=True)
def assign(*, payout: Movement, line: BankLine, by: Actor) -> Movement:
    """A person has found the line by which it came. Another amount than was due stays a difference."""
    require(by, CLOSE)
    account = Account.objects.get(movements=payout)
    _locked(account)
    payout = Movement.objects.select_for_update().get(pk=payout.pk, way=Way.PAYOUT)
    if payout.line_id is not None:
        raise PayoutArrived
    found = candidates(account).filter(pk=line.pk).first()
    if found is None:
        raise LineNotWaiting
    _arrived([payout], found, by=by)
    first, last = _covered(account)
    _compare(account, first or found.on, last or found.on)
    audit.record("payout.assigned", f"reconciliation_movement:{payout.pk}", by=by, line=found.pk)
    return Movement.objects.get(pk=payout.pk)


def candidates(account: Account) -> QuerySet[BankLine]:
    """Money that came to our banks in this currency and that nobody knows what to do with, the oldest first."""
    lines = BankLine.objects.filter(account__gateway=BANK, account__currency=account.currency, amount__gt=0)
    return lines.filter(state=BankLine.State.CASE, verdict=Verdict.UNMATCHED).select_related("account").order_by("on", "pk")


def _locked(account: Account) -> None:
    """The provider's account and the banks', in one order everywhere."""
    both = Account.objects.filter(Q(pk=account.pk) | Q(gateway=BANK, currency=account.currency))
    list(both.order_by("pk").select_for_update(no_key=True))


def _covered(account: Account) -> tuple[date | None, date | None]:
    """The days that statements are here of."""
    files = StatementFile.objects.filter(account__gateway=BANK, account__currency=account.currency)
    bounds = files.aggregate(first=Min("first_on"), last=Max("last_on"))
    return bounds["first"], bounds["last"]


def _expect(account: Account, since: date) -> None:
    """A movement for each payout, if there is none yet. Bills are kept once, so it never becomes another."""
    told = (_payouts_told if account.gateway in TELLS_PAYOUTS else _days_net)(account, since)
    amounts = {number: amount for number, amount, _on in told}
    again = list(Movement.objects.filter(account=account, way=Way.PAYOUT, ours=None, number__in=amounts))
    for payout in again:  # was not watched for a while
        payout.ours, payout.is_settled = amounts[payout.number], False
    Movement.objects.bulk_update(again, ["ours", "is_settled"])
    Movement.objects.bulk_create(
        [
            Movement(
                account=account, method=account.method, currency=account.currency, way=Way.PAYOUT, number=number, ours=amount,
                ours_on=on, expected=amount, expected_on=on, due_on=on + A_DAY, needs_booking=False,
            )
            for number, amount, on in told
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _expect_none(account: Account) -> None:
    """Nobody would see them come: what was expected and has not arrived is not said to be missing any more."""
    waiting = list(_open(account).filter(line=None))
    for payout in waiting:
        payout.ours = None
    comparing.compare(waiting, frozenset())


def _payouts_told(account: Account, since: date) -> list[tuple[str, int, date]]:
    told = Line.objects.filter(day__account=account, day__on__gte=since, kind=LineKind.PAYOUT)
    return [(number, -amount, on) for number, amount, on in told.values_list("provider_id", "amount", "day__on")]


def _days_net(account: Account, since: date) -> list[tuple[str, int, date]]:
    days = Day.objects.filter(account=account, on__gte=since, fetched_at__isnull=False).exclude(lines=None)
    nets = days.annotate(net=Sum(F("lines__amount") - F("lines__fee"))).values_list("on", "net")
    return [(str(on), net, on) for on, net in nets if net]


def _open(account: Account) -> QuerySet[Movement]:
    found = Movement.objects.filter(account=account, way=Way.PAYOUT, is_settled=False)
    return found.select_for_update(of=("self",)).order_by("due_on", "pk")


def _text(line: BankLine) -> str:
    return f"{line.payer} {line.text} {line.reference}"


def _arrived(payouts: Sequence[Movement], line: BankLine, *, by: Actor) -> None:
    """One that came by itself brought whatever the line says; several together brought what each was due."""
    bank.set_aside(line, ending=BankLine.Ending.PAYOUT, by=by)
    for payout in payouts:
        payout.line, payout.billed_on, payout.billed_times = line, line.on, 1
        payout.billed = line.amount if len(payouts) == 1 else payout.ours
        payout.save(update_fields=["line", "billed", "billed_on", "billed_times"])


def _compare(account: Account, first: date, last: date) -> None:
    days = (last - first).days + 1
    waited = frozenset(first + n * A_DAY - PATIENCE for n in range(days))
    comparing.compare(list(_open(account)), waited)
