"""Follow-ups of customers: given to a colleague for a day, moved, handed over, and done with a word on what came of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import people
from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer
from chuzhi.customers.queries import VIEW
from chuzhi.insights import journal
from chuzhi.messaging import mentions, outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff
from chuzhi.workforce import notes
from chuzhi.workforce.errors import AssigneeUnusable, DayUnusable, TaskDone, TaskUnknown, TaskUnusable
from chuzhi.workforce.models import Task

WRITE = notes.WRITE
LONGEST = 200
FURTHEST = timedelta(days=731)
GIVEN = Kind(
    "task.given",
    _("A task that is given to you"),
    _("{who} gives you a task"),
    _("{who} asks you to follow up customer {customer} by {day}.\n\nIt stands under Follow-ups.\n\n{shop}"),
    ("who", "customer", "day"),
)
MENTIONED = Kind(
    "task.mentioned",
    _("A follow-up that mentions you"),
    _("{who} mentions you"),
    _("{who} mentions you in a follow-up of customer {customer}.\n\nIt stands on the customer’s page.\n\n{shop}"),
    ("who", "customer"),
)
HANDED = Kind(
    "task.handed_over",
    _("Tasks that are handed to you"),
    _("{who} hands you tasks of {whose}"),
    _("{who} hands you {count} tasks of {whose}.\n\nThey stand under Follow-ups.\n\n{shop}"),
    ("who", "whose", "count"),
)
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Load:
    """What waits for a colleague."""

    colleague: int
    name: str
    overdue: int
    waiting: int


def visible_to(actor: Actor) -> QuerySet[Task]:
    """Of all colleagues, since customers are everybody's. A customer sees none."""
    found = Task.objects.filter(customer__withdrawn_at=None).select_related("customer", "assignee")
    return found if actor.kind is not ActorKind.CUSTOMER and actor.may(VIEW) else found.none()


def waiting(actor: Actor) -> QuerySet[Task]:
    """Those that are not done, the most urgent first."""
    return visible_to(actor).filter(done_at=None).order_by("due_on", "pk")


@transaction.atomic
def add(*, customer: Customer, what: str, due_on: date, assignee: Staff, by: Actor) -> Task:
    """A colleague who gets it from somebody else is told, and so are those whose name stands behind an @."""
    require(by, WRITE)
    clean = what.strip()
    if not clean or len(clean) > LONGEST:
        raise TaskUnusable(most=LONGEST)
    _refuse_unusable(due_on, assignee)
    task = Task.objects.create(customer=customer, what=clean, due_on=due_on, assignee=assignee, made_by=by.label)
    said = {"who": _name(by), "customer": str(customer.pk)}
    meant = mentions.tell(MENTIONED, clean, may=VIEW, facts=said, subject=f"task:{task.pk}", by=by, but=assignee)
    task.mentioned.set(meant)
    _tell(task, _record("task_added", task, by, mentioned=[each.pk for each in meant]), by)
    return task


@transaction.atomic
def finish(*, task: Task, outcome: str, by: Actor) -> Task:
    """What came of it becomes a note on the customer. Refuses one that is done, and an outcome that no note can hold."""
    held = _held(task, by)
    held.note = notes.write(customer=held.customer, text=outcome, by=by)
    held.done_at, held.done_by = timezone.now(), by.label
    held.save(update_fields=["note", "done_at", "done_by"])
    _record("task_finished", held, by)
    return held


@transaction.atomic
def change(*, task: Task, by: Actor, due_on: date | None = None, assignee: Staff | None = None) -> Task:
    """Moved to another day, or handed to a colleague, who is told; or both."""
    held = _held(task, by)
    before = (held.due_on, held.assignee_id)
    _refuse_unusable(due_on, assignee)
    held.due_on, held.assignee = due_on or held.due_on, assignee or held.assignee
    if before == (held.due_on, held.assignee_id):
        return held
    held.save(update_fields=["due_on", "assignee"])
    act = _record("task_changed", held, by)
    if held.assignee_id != before[1]:
        _tell(held, act, by)
    return held


@transaction.atomic
def hand_over(*, whose: Staff, to: Staff, by: Actor) -> int:
    """All that waits for a colleague is another one's, who is told once. Answers how many."""
    require(by, VIEW)
    require(by, WRITE)
    if whose.pk == to.pk:
        raise AssigneeUnusable
    _refuse_unusable(None, to)
    held = list(waiting(by).filter(assignee=whose).order_by("pk").select_for_update(of=("self",)))
    for task in held:
        task.assignee = to
    Task.objects.bulk_update(held, ["assignee"], batch_size=AT_ONCE)
    audit.record_all((act("task_changed", task) for task in held), by=by)
    facts: dict[str, object] = {"to": to.pk, "tasks": len(held)}
    done = audit.record("staff.tasks_handed_over", f"staff:{whose.pk}", by=by, **facts)
    if held and not _is(by, to):
        said = {"who": _name(by), "whose": whose.name, "count": str(len(held))}
        outbox.tell(kind=HANDED, facts=said, subject=f"tasks:{whose.pk}:{done.pk}", by=by, staff=to)
    return len(held)


def loads(actor: Actor) -> list[Load]:
    """What waits for each colleague, by name; whoever has nothing is left out."""
    late = Count("pk", filter=Q(due_on__lt=journal.today()))
    rows = waiting(actor).order_by("assignee__name", "assignee").values("assignee", "assignee__name")
    counted = rows.annotate(overdue=late, waiting=Count("pk"))
    return [Load(row["assignee"], row["assignee__name"], row["overdue"], row["waiting"]) for row in counted]


def act(name: str, task: Task) -> tuple[str, str, dict[str, object]]:
    """What the audit log says of it: action, subject and facts."""
    facts: dict[str, object] = {"task": task.pk, "assignee": task.assignee_id, "due_on": task.due_on.isoformat()}
    return f"customer.{name}", f"customer:{task.customer_id}", facts


def _held(task: Task, by: Actor) -> Task:
    require(by, WRITE)
    held = Task.objects.select_for_update(of=("self",)).filter(pk=task.pk, customer__withdrawn_at=None).first()
    if held is None:
        raise TaskUnknown
    if held.done_at:
        raise TaskDone
    return held


def _refuse_unusable(due_on: date | None, assignee: Staff | None) -> None:
    today = journal.today()
    if due_on and not today <= due_on <= today + FURTHEST:
        raise DayUnusable
    if assignee and not staff.at_work().filter(pk=assignee.pk).exists():
        raise AssigneeUnusable


def _tell(task: Task, act: audit.AuditEntry, by: Actor) -> None:
    """Once for each act that gives it to somebody else; nobody is told of what they gave themselves."""
    if _is(by, task.assignee):
        return
    said = {"who": _name(by), "customer": str(task.customer_id), "day": task.due_on.isoformat()}
    outbox.tell(kind=GIVEN, facts=said, subject=f"task:{task.pk}:{act.pk}", by=by, staff=task.assignee)


def _is(by: Actor, colleague: Staff) -> bool:
    return by.kind is ActorKind.STAFF and by.id == colleague.pk


def _name(by: Actor) -> str:
    return people.names({by.label}).get(by.label, by.name)


def _record(name: str, task: Task, by: Actor, **more: object) -> audit.AuditEntry:
    action, subject, facts = act(name, task)
    return audit.record(action, subject, by=by, **facts, **more)
