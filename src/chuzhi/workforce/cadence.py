"""How often customers are followed up, by what they hold and their tier, and the follow-ups that come of it each morning."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor, ActorKind, system
from chuzhi.customers.queries import VIEW
from chuzhi.insights import journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.workforce import rules, tasks
from chuzhi.workforce.errors import CadenceUnusable
from chuzhi.workforce.models import Cadence, Task

MANAGE = "cadence.manage"
MOST_DAYS, LONGEST_TIER = 731, 20
AHEAD = timedelta(days=7)
"""So long before its day a follow-up is written down, so that a colleague sees the week that comes."""
AT_ONCE = 1000
CLOCK = system("cadence")

WANTED = """
    WITH looked_after AS (
        SELECT c.id, c.owner_id, t.code AS tier FROM customer c LEFT JOIN limit_tier t ON t.customer_id = c.id
        WHERE c.owner_id = ANY(%(colleagues)s) AND c.withdrawn_at IS NULL
          AND NOT EXISTS (SELECT FROM customer_task WHERE customer_id = c.id AND done_at IS NULL)
    ), held AS (
        SELECT w.customer_id, a.code AS currency, sum(l.remaining) AS amount
        FROM looked_after o JOIN wallet w ON w.customer_id = o.id
        JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.id AND l.open AND (l.expires_at IS NULL OR l.expires_at > %(now)s)
        JOIN ledger_asset a ON a.id = l.asset GROUP BY 1, 2
    )
    SELECT DISTINCT ON (o.id) o.id, o.owner_id, every.id,
           (SELECT max(done_at) FROM customer_task WHERE customer_id = o.id)
    FROM looked_after o JOIN customer_cadence every ON every.tier IN ('', o.tier)
    LEFT JOIN held h ON h.customer_id = o.id AND h.currency = every.currency
    WHERE coalesce(h.amount, 0) >= every.at_least
    ORDER BY o.id, every.every_days, every.id"""
# Of several rules that a customer meets the shortest holds, so that more value never means a longer wait.


def visible_to(actor: Actor) -> QuerySet[Cadence]:
    """The shortest first."""
    rows = Cadence.objects.order_by("every_days", "tier", "currency", "-at_least")
    return rows if actor.kind is not ActorKind.CUSTOMER and actor.may(VIEW) else rows.none()


@transaction.atomic
def set_rule(*, currency: str, at_least: int, every_days: int, what: str, by: Actor, tier: str = "") -> Cadence:
    """Customers who hold `at_least` minor units are followed up every so many days; said again, it takes the place of the first."""
    require(by, MANAGE)
    said = {"tier": tier.strip(), "currency": currency, "at_least": at_least, "every_days": every_days, "what": what.strip()}
    _check(said)
    values = {"every_days": every_days, "what": said["what"], "set_by": by.label, "set_at": timezone.now()}
    rule, _is_new = Cadence.objects.update_or_create(values, tier=said["tier"], currency=currency, at_least=at_least)
    audit.record("cadence.set", f"cadence:{rule.pk}", by=by, **said)
    return rule


@transaction.atomic
def lift(*, rule: Cadence, by: Actor) -> None:
    """No follow-ups come of it any more; those that wait stay."""
    require(by, MANAGE)
    facts = {"tier": rule.tier, "currency": rule.currency, "at_least": rule.at_least, "every_days": rule.every_days}
    audit.record("cadence.lifted", f"cadence:{rule.pk}", by=by, **facts)
    rule.delete()


@transaction.atomic
def write_down() -> int:
    """For the clock: the follow-ups of the coming days, one at most for a customer, for their owner. Answers how many.

    One that waits and came from here follows the customer to a new owner.
    """
    every = {rule.pk: rule for rule in Cadence.objects.select_for_update().order_by("pk")}  # one clock at a time
    colleagues = list(staff.at_work().values_list("pk", flat=True))
    _follow_owners(colleagues)
    if not every:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(WANTED, {"colleagues": colleagues, "now": timezone.now()})
        rows = _due(cursor.fetchall(), every)
    made = Task.objects.bulk_create(rows, batch_size=AT_ONCE)
    audit.record_all((tasks.act("task_added", task) for task in made), by=CLOCK)
    return len(made)


def _due(found: Iterable[tuple[int, int, int, datetime | None]], every: Mapping[int, Cadence]) -> list[Task]:
    today, rows = journal.today(), list[Task]()
    for customer, owner, number, last in found:
        rule = every[number]
        due_on = rules.due(customer, every_days=rule.every_days, last=_day(last), today=today)
        if due_on <= today + AHEAD:
            rows.append(
                Task(
                    customer_id=customer, what=rule.what, due_on=due_on, assignee_id=owner, is_regular=True, made_by=CLOCK.label
                )
            )
    return rows


def _follow_owners(colleagues: list[int]) -> None:
    regular = Task.objects.filter(is_regular=True, done_at=None, customer__owner__in=colleagues)
    moved = list(regular.exclude(assignee=F("customer__owner")).select_related("customer").select_for_update(of=("self",)))
    for task in moved:
        task.assignee_id = task.customer.owner_id  # type: ignore[assignment]  # filtered by it
    Task.objects.bulk_update(moved, ["assignee"], batch_size=AT_ONCE)
    audit.record_all((tasks.act("task_changed", task) for task in moved), by=CLOCK)


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(shop_zone()).date() if moment else None


def _check(said: Mapping[str, object]) -> None:
    """Refuse what no rule could be, by the name of what is wrong."""
    tier, what, days, least = str(said["tier"]), str(said["what"]), said["every_days"], said["at_least"]
    known = {
        "tier": len(tier) <= LONGEST_TIER,
        "currency": _is_money(str(said["currency"])),
        "at_least": isinstance(least, int) and 0 <= least <= money.LARGEST,
        "every_days": isinstance(days, int) and 1 <= days <= MOST_DAYS,
        "what": 0 < len(what) <= tasks.LONGEST,
    }
    for field, is_right in known.items():
        if not is_right:
            raise CadenceUnusable(field=field)


def _is_money(currency: str) -> bool:
    try:
        money.exponent(currency)
    except money.UnknownCurrency:
        return False
    return True
