"""A ticket is opened, spoken of, handed to a colleague, resolved; and each step of it is kept."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.approvals import people
from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer
from chuzhi.desk.errors import CannotTakeIt, TicketUnusable, WordsUnusable
from chuzhi.desk.models import Step, Ticket, Words
from chuzhi.desk.telling import HANDED, MENTIONED
from chuzhi.messaging import mentions, outbox
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets import accounts

VIEW, WORK = "desk.view", "desk.work"
LONGEST, LONGEST_SUBJECT = 2000, 100
State = Ticket.State
SAID = {State.OPEN: Step.Kind.NOTED, State.WAITING: Step.Kind.WAITING, State.RESOLVED: Step.Kind.RESOLVED}
"""What a step is called that leaves a ticket in a state."""


@transaction.atomic
def open_ticket(
    *, customer: Customer, kind: str, channel: str, subject: str, text: str, key: str, by: Actor, store: Store | None = None
) -> Ticket:
    """Given to whoever opens it, if that is a person, else to whoever looks after the customer, who is told.

    Asking twice with one key opens one.
    """
    require(by, WORK)
    asked_for = accounts.mark(by, key)
    if known := Ticket.objects.filter(asked_for=asked_for).first():
        return known
    if kind not in Ticket.Kind.values or channel not in Ticket.Channel.values:
        raise TicketUnusable
    keeper = workers().filter(pk=customer.owner_id or 0).values_list("pk", flat=True).first()
    ticket, is_new = Ticket.objects.get_or_create(
        asked_for=asked_for,
        defaults={
            "customer": customer, "kind": kind, "channel": channel, "subject": _words(subject, LONGEST_SUBJECT),
            "text": _words(text, LONGEST) if text.strip() else "", "store": store, "opened_by": by.label,
            "assigned_to_id": by.id if by.kind is ActorKind.STAFF else keeper,
        },
    )  # fmt: skip
    if is_new:
        if ticket.assigned_to:
            _tell(ticket, ticket.assigned_to, by, step=0)
        audit.record("ticket.opened", _subject(ticket), by=by, customer=customer.pk, kind=kind, channel=channel)
    return ticket


@transaction.atomic
def note(*, ticket: Ticket, text: str, by: Actor, state: str = State.OPEN) -> Step:
    """What was said or found, and how the ticket stands after it: a plain note opens it again. An @ tells a colleague."""
    if state not in State.values:
        raise TicketUnusable
    held = locked(ticket, by)
    said = _words(text, LONGEST)
    if held.state != state:
        held.state = state
        held.save(update_fields=["state"])
    step = write(held, SAID[State(state)], by=by, text=said)
    meant = _mention(step, said, by)
    audit.record(f"ticket.{step.kind}", _subject(held), by=by, step=step.number, mentioned=meant)
    return step


@transaction.atomic
def hand(*, ticket: Ticket, to: Staff, text: str, by: Actor) -> Step:
    """Given to a colleague with a word about it, who finds it in their inbox. A resolved one is open again."""
    held = locked(ticket, by)
    if not workers().filter(pk=to.pk).exists():
        raise CannotTakeIt
    said = _words(text, LONGEST)
    held.assigned_to = to
    held.state = State.OPEN if held.state == State.RESOLVED else held.state
    held.save(update_fields=["assigned_to", "state"])
    step = write(held, Step.Kind.HANDED, by=by, text=said, to=to)
    _tell(held, to, by, step=step.number)
    meant = _mention(step, said, by)
    audit.record("ticket.handed", _subject(held), by=by, step=step.number, to=to.pk, mentioned=meant)
    return step


def locked(ticket: Ticket, by: Actor) -> Ticket:
    """For somebody who may work on it, so that steps are numbered one after the other. Only in a transaction."""
    require(by, WORK)
    return Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)


def write(ticket: Ticket, kind: Step.Kind, *, by: Actor, text: str = "", **named: Any) -> Step:
    """The next line of a ticket that is locked."""
    step = Step.objects.create(ticket=ticket, number=latest(ticket) + 1, kind=kind, by=by.label, **named)
    if text:
        Words.objects.create(step=step, text=text)
    return step


def latest(ticket: Ticket) -> int:
    """The number of the last step; 0 before the first."""
    return ticket.steps.order_by("-number").values_list("number", flat=True).first() or 0


def workers() -> QuerySet[Staff]:
    """Those whom a ticket can be given to."""
    return staff.who_may(WORK)


def _tell(ticket: Ticket, to: Staff, by: Actor, *, step: int) -> None:
    """It is theirs by this step; the 0th is its beginning. Nobody is told of what they took themselves."""
    if by.label == f"staff:{to.pk}":
        return
    outbox.tell(kind=HANDED, facts=_facts(ticket, by), subject=f"ticket:{ticket.pk}:{step}", by=by, staff=to)


def _mention(step: Step, said: str, by: Actor) -> list[int]:
    """Whoever it is handed to is told of that. Answers the numbers of those who are meant."""
    ticket, subject = step.ticket, f"ticket:{step.ticket_id}:{step.number}"
    meant = mentions.tell(MENTIONED, said, may=VIEW, facts=_facts(ticket, by), subject=subject, by=by, but=step.to)
    step.mentioned.set(meant)
    return [each.pk for each in meant]


def _facts(ticket: Ticket, by: Actor) -> dict[str, str]:
    who = people.names({by.label}).get(by.label, by.name)
    return {"who": who, "ticket": ticket.number, "subject": ticket.subject}


def _words(given: str, most: int) -> str:
    clean = "".join(each for each in given if each.isprintable() or each == "\n").strip()
    if not 0 < len(clean) <= most:
        raise WordsUnusable(most=most)
    return clean


def _subject(ticket: Ticket) -> str:
    return f"ticket:{ticket.pk}"
