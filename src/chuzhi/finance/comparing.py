"""The three books of an account are compared, and each difference becomes one case, or ends one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from chuzhi.finance import rules, sides, terminals
from chuzhi.finance.models import Case, Day, Line, Movement
from chuzhi.finance.rules import OF_NO_BILL, Difference, Sides, Way
from chuzhi.ledger.batch import shop_zone
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.models import Account, Dispute, Payment, Refund

AT_ONCE = 2000
LOOKS_BACK = timedelta(days=3)
"""Payments that are newer than this before the oldest bill that is not matched yet are looked at; older ones were."""

CHANGING = [
    "needs_booking", "ours", "ours_on", "fee", "due_on", "billed", "billed_on", "billed_fee", "billed_times", "expected",
    "expected_on", "written_off", "written_off_on", "is_settled",
]  # fmt: skip


@transaction.atomic(durable=True)
def match(account: Account) -> int:
    """Compare all that is not settled. Done again, it finds the same. Answers how many movements were looked at."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    _days_of_statements(account)
    days = list(Day.objects.filter(account=account, fetched_at__isnull=False, matched_at=None).order_by("on"))
    since = min([day.on for day in days], default=timezone.localdate()) - LOOKS_BACK
    speak_of(account, _ours_since(account, since))
    speak_of(account, _billed_in(days))
    speak_of(account, _unmatched_lines(account))
    _look_again(account, since)
    bills = _covered(account)
    unsettled = Movement.objects.filter(account=account, is_settled=False).exclude(way__in=OF_NO_BILL)
    count = 0
    for movements in _some(list(unsettled.order_by("pk").select_for_update(of=("self",)))):
        sides.read_ours(account, movements)
        sides.read_billed(account, movements)
        compare(movements, bills)
        count += len(movements)
    Day.objects.filter(pk__in=[day.pk for day in days]).update(matched_at=timezone.now())
    return count


def _days_of_statements(account: Account) -> None:
    """A bank's bill is brought: its days are those of lines that found their payment, or that somebody has to look at."""
    lines = BankLine.objects.filter(account=account).exclude(state=BankLine.State.NEW)
    of_customers = Q(payment__isnull=False) | Q(refund__isnull=False) | Q(state=BankLine.State.CASE)
    days = lines.filter(of_customers).values_list("on", flat=True).distinct()
    Day.objects.bulk_create([Day(account=account, on=on, fetched_at=timezone.now()) for on in days], ignore_conflicts=True)


def _covered(account: Account) -> frozenset[date]:
    """The days of which we know what the other side says: those with a bill; for a bank, those its statements reach over."""
    files = StatementFile.objects.filter(account=account).aggregate(first=Min("first_on"), last=Max("last_on"))
    if files["first"] is None:
        return frozenset(Day.objects.filter(account=account, fetched_at__isnull=False).values_list("on", flat=True))
    return frozenset(files["first"] + timedelta(days=n) for n in range((files["last"] - files["first"]).days + 1))


def _unmatched_lines(account: Account) -> list[tuple[str, str]]:
    waiting = BankLine.objects.filter(account=account, state=BankLine.State.CASE)
    return [(Way.LINE, sides.number_of(line)) for line in waiting.only("pk", "on")]


def _ours_since(account: Account, since: date) -> Iterator[tuple[str, str]]:
    if account.gateway == terminals.GATEWAY:
        yield from ((Way.PAYMENT, name) for name in terminals.slips_since(account, since))
        yield from ((Way.REFUND, name) for name in terminals.returned_since(account, since))
        return
    moment = datetime.combine(since, time.min, shop_zone())
    paid = Payment.objects.filter(account=account, stage=Payment.Stage.PAID, paid_at__gte=moment)
    back = Refund.objects.filter(payment__account=account, created_at__gte=moment).exclude(stage=Refund.Stage.FAILED)
    disputed = Dispute.objects.filter(account=account, opened_at__gte=moment)
    yield from ((Way.PAYMENT, number) for number in paid.values_list("number", flat=True))
    yield from ((Way.REFUND, number) for number in back.values_list("number", flat=True))
    yield from ((Way.DISPUTE, number) for number in disputed.values_list("provider_id", flat=True))


def _billed_in(days: Sequence[Day]) -> list[tuple[str, str]]:
    named = Line.objects.filter(day__in=days).exclude(way="").values_list("way", "number").distinct()
    found = list(named)
    if days:
        look_again(days[0].account, [number for _way, number in found])
    return found


def look_again(account: Account, numbers: Sequence[str]) -> None:
    Movement.objects.filter(account=account, number__in=numbers).update(is_settled=False)


def speak_of(account: Account, named: Iterable[tuple[str, str]]) -> None:
    """A movement for each, if there is none yet."""
    fresh = [
        Movement(account=account, method=account.method, currency=account.currency, way=way, number=number)
        for way, number in named
    ]
    Movement.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=AT_ONCE)


def _look_again(account: Account, since: date) -> None:
    """Refunds that failed, disputes that were decided, and what went back at the counter since they were settled."""
    if account.gateway == terminals.GATEWAY:
        look_again(account, list(terminals.returned_since(account, since)))
    moment = datetime.combine(since, time.min, shop_zone())
    failed = Refund.objects.filter(payment__account=account, stage=Refund.Stage.FAILED, done_at__gte=moment)
    decided = Dispute.objects.filter(account=account, ended_at__gte=moment)
    for way, numbers in ((Way.REFUND, failed.values("number")), (Way.DISPUTE, decided.values("provider_id"))):
        Movement.objects.filter(account=account, way=way, number__in=numbers).update(is_settled=False)


def compare(movements: Sequence[Movement], bills: frozenset[date]) -> None:
    """Decide about each, whose sides were read; `bills` are the days whose bills are here. In the caller's transaction."""
    known = Case.objects.filter(movement__in=movements).select_for_update().order_by("pk")
    cases = {(case.movement_id, case.is_of_fee): case for case in known}
    fresh: list[Case] = []
    for movement in movements:
        told = _sides(movement, bills)
        movement.expected = rules.expected(told)
        is_of_ledger = movement.needs_booking and movement.booked is not None
        movement.expected_on = movement.booked_on if is_of_ledger else movement.ours_on
        money, fee = rules.difference_of_money(told), rules.difference_of_fee(told)
        is_open = _ended(movement, cases.get((movement.pk, False)), money, fresh, is_of_fee=False)
        is_open = _ended(movement, cases.get((movement.pk, True)), fee, fresh, is_of_fee=True) or is_open
        left = movement.expected - (movement.billed or 0) - movement.written_off
        movement.is_settled = not is_open and not left
    Case.objects.bulk_create(fresh)
    Case.objects.bulk_update(cases.values(), ["kind", "amount", "opened_at", "closed_at", "closed_by", "remark"])
    Movement.objects.bulk_update(movements, CHANGING, batch_size=500)


def _ended(
    movement: Movement, case: Case | None, difference: Difference | None, fresh: list[Case], *, is_of_fee: bool
) -> bool:  # fmt: skip
    """Bring the case of a difference up to date. Answers whether one is open."""
    if difference is None:
        if case is not None and case.closed_at is None:
            case.closed_at = timezone.now()
        if not is_of_fee:
            movement.written_off, movement.written_off_on = 0, None
        return False
    if case is None:
        fresh.append(Case(movement=movement, is_of_fee=is_of_fee, kind=difference.kind, amount=difference.amount))
        return True
    is_new = case.amount != difference.amount or (case.closed_at is not None and not case.closed_by)
    case.kind, case.amount = difference.kind, difference.amount
    if case.closed_at is not None and is_new:
        case.opened_at, case.closed_at, case.closed_by, case.remark = timezone.now(), None, "", ""
        if not is_of_fee:
            movement.written_off, movement.written_off_on = 0, None
    return case.closed_at is None


def _sides(movement: Movement, bills: frozenset[date]) -> Sides:
    return Sides(
        way=Way(movement.way),
        booked=movement.booked,
        ours=movement.ours,
        billed=movement.billed,
        billed_times=movement.billed_times,
        needs_booking=movement.needs_booking,
        fee=movement.fee,
        billed_fee=movement.billed_fee,
        wait=rules.waited(movement.due_on, bills),
    )


def _some(movements: Sequence[Movement]) -> Iterator[Sequence[Movement]]:
    return (movements[at : at + AT_ONCE] for at in range(0, len(movements), AT_ONCE))
