"""What pages and programs read of reconciliations. Money at providers is the company's: who works in some stores sees none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.finance import rules
from chuzhi.finance.models import Case, Day, Line, Movement, SettlementFile
from chuzhi.finance.rules import OF_NO_BILL, Aged, Clearing, Way
from chuzhi.ledger.chart import Method
from chuzhi.payments import models as payments

VIEW = "reconciliation.view"
IS_PAYOUT = ExpressionWrapper(Q(way=Way.PAYOUT), output_field=BooleanField())
DATES = ("expected_on", "billed_on", "written_off_on")


@dataclass(frozen=True, slots=True)
class Account:
    """A clearing account on a day, and every movement that keeps it from zero, the oldest first.

    What customers paid and the other side has not confirmed; or, `is_at_provider`, what the provider confirmed and has not
    brought to our bank.
    """

    method: int
    currency: str
    is_at_provider: bool
    clearing: Clearing
    left: Sequence[tuple[Movement, int]]
    ages: Sequence[Aged]


def visible_to(actor: Actor) -> QuerySet[Day]:
    """Days with what their bills add up to and how many open cases they have; newest first."""
    lines = Line.objects.filter(day=OuterRef("pk")).order_by().values("day")
    found = Day.objects.select_related("account").annotate(
        billed=Coalesce(Subquery(lines.exclude(way="").annotate(sum=Sum("amount")).values("sum")), 0),
        fees=Coalesce(Subquery(lines.annotate(sum=Sum("fee")).values("sum")), 0),
        line_count=Coalesce(Subquery(lines.annotate(count=Count("pk")).values("count")), 0),
        open_cases=Coalesce(Subquery(_open_of_day()), 0),
    )
    return found.order_by("-on", "-pk") if may_see(actor) else found.none()


def movements_of(day: Day) -> QuerySet[Movement]:
    """What should be in the bill of a day, and what is; what is not settled first."""
    of_day = Q(due_on=day.on) | Q(billed_on=day.on)
    found = Movement.objects.filter(of_day, account=day.account_id).exclude(way__in=OF_NO_BILL)
    return found.order_by("is_settled", "pk").prefetch_related("cases")


def other_lines(day: Day) -> QuerySet[Line]:
    """Lines that are of no payment: fees of their own, payouts."""
    return day.lines.filter(way="").order_by("place")


def cases(actor: Actor) -> QuerySet[Case]:
    """Oldest first: they age."""
    found = Case.objects.select_related("movement__account").order_by("opened_at", "pk")
    return found if may_see(actor) else found.none()


def older_than(found: QuerySet[Case], days: int) -> QuerySet[Case]:
    return found.filter(opened_at__lte=timezone.now() - timedelta(days=days))


def day_of(case: Case) -> Day | None:
    """The day in whose bill the difference stands, or should stand."""
    on = case.movement.due_on or case.movement.billed_on
    if case.movement.way == Way.PAYOUT:
        on = case.movement.ours_on
    return Day.objects.filter(account=case.movement.account_id, on=on).first() if on else None


def accounts(actor: Actor, on: date) -> list[Account]:
    """Every clearing account that has ever moved, as it stood at the end of a day."""
    if not may_see(actor):
        return []
    kept = _told_by_somebody().annotate(is_at_provider=IS_PAYOUT).order_by("method", "currency", "is_at_provider")
    names = kept.values_list("method", "currency", "is_at_provider").distinct()
    return [account(method, currency, on, is_at_provider=at_provider) for method, currency, at_provider in names]


def account(method: int, currency: str, on: date, *, is_at_provider: bool = False) -> Account:
    rows = _told_by_somebody().annotate(is_at_provider=IS_PAYOUT, first=Least(*map(F, DATES)), last=Greatest(*map(F, DATES)))
    own = rows.filter(method=method, currency=currency, is_at_provider=is_at_provider, first__lte=on)
    read = own.exclude(is_settled=True, last__lt=on).select_related("account").prefetch_related("cases")
    dated = list(read.order_by("first", "pk"))
    left = [(movement, amount) for movement in dated if (amount := rules.position(movement.move, on))]
    ages = rules.aged([(movement.since or on, amount) for movement, amount in left], on)
    return Account(method, currency, is_at_provider, rules.clearing((movement.move for movement in dated), on), left, ages)


def _told_by_somebody() -> QuerySet[Movement]:
    """Without what terminals take whose acquirer has no account here: nobody could confirm it. Custody clears nothing."""
    return Movement.objects.exclude(account=None, method=Method.TERMINAL).exclude(way=Way.CUSTODY)


def payouts(actor: Actor) -> QuerySet[Movement]:
    """Newest first; whether each has come to the bank, and by which line."""
    found = (
        Movement.objects.filter(way=Way.PAYOUT, ours__isnull=False)
        .select_related("account", "line__account")
        .prefetch_related("cases")
    )
    return found.order_by("-ours_on", "-pk") if may_see(actor) else found.none()


def unwatched(actor: Actor) -> QuerySet[payments.Account]:
    """Accounts whose payouts nobody looks for."""
    found = payments.Account.objects.filter(has_watched_payouts=False).order_by("name", "pk")
    return found if may_see(actor) else found.none()


def settlement_files(actor: Actor) -> QuerySet[SettlementFile]:
    """Newest first."""
    found = SettlementFile.objects.select_related("account").order_by("-pk")
    return found if may_see(actor) else found.none()


def may_see(actor: Actor) -> bool:
    return actor.may(VIEW) and actor.stores is None


def _open_of_day() -> QuerySet[Case]:
    on = Coalesce("movement__due_on", "movement__billed_on")
    found = Case.objects.filter(closed_at=None, movement__account=OuterRef("account")).exclude(movement__way__in=OF_NO_BILL)
    found = found.annotate(on=on)
    of_day = found.filter(on=OuterRef("on")).order_by().values("movement__account")
    return of_day.annotate(count=Count("pk")).values("count")  # type: ignore[return-value]  # rows of one figure
