"""Notes on customers: written, pinned, and told to the colleagues they mention."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import people
from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer
from chuzhi.customers.queries import VIEW
from chuzhi.insights import timeline
from chuzhi.messaging import mentions
from chuzhi.messaging.kinds import Kind
from chuzhi.organization.authority import require
from chuzhi.workforce.errors import NoteUnusable, TooManyPinned
from chuzhi.workforce.models import Note

WRITE, KIND = "customers.edit", "notes"
LONGEST, MOST_PINNED = 1000, 3
MENTIONED = Kind(
    "note.mentioned",
    _("A note that mentions you"),
    _("{who} mentions you"),
    _("{who} mentions you in a note on customer {customer}.\n\nThe note stands on the customer’s page.\n\n{shop}"),
    ("who", "customer"),
)


@transaction.atomic
def write(*, customer: Customer, text: str, by: Actor, is_pinned: bool = False) -> Note:
    """Colleagues who may see customers and whose name stands behind an @ find it in their inbox, once each."""
    require(by, WRITE)
    clean = text.strip()
    if not clean or len(clean) > LONGEST:
        raise NoteUnusable(most=LONGEST)
    _locked(customer)
    if is_pinned:
        _refuse_if_full(customer)
    note = Note.objects.create(customer=customer, text=clean, is_pinned=is_pinned, by=by.label)
    said = {"who": people.names({by.label}).get(by.label, by.name), "customer": str(customer.pk)}
    meant = mentions.tell(MENTIONED, clean, may=VIEW, facts=said, subject=f"note:{note.pk}", by=by)
    note.mentioned.set(meant)
    audit.record("customer.noted", f"customer:{customer.pk}", by=by, note=note.pk, mentioned=[each.pk for each in meant])
    return note


@transaction.atomic
def pin(*, note: Note, is_pinned: bool, by: Actor) -> Note:
    """Shown at the till from now on, or not any more."""
    require(by, WRITE)
    _locked(note.customer)
    note = Note.objects.select_for_update().get(pk=note.pk)
    if note.is_pinned == is_pinned:
        return note
    if is_pinned:
        _refuse_if_full(note.customer)
    note.is_pinned = is_pinned
    note.save(update_fields=["is_pinned"])
    act = "customer.note_pinned" if is_pinned else "customer.note_unpinned"
    audit.record(act, f"customer:{note.customer_id}", by=by, note=note.pk)
    return note


def of(customer: Customer, actor: Actor) -> QuerySet[Note]:
    """Newest first. They are among colleagues: a customer sees none."""
    may = actor.kind is not ActorKind.CUSTOMER and actor.may(VIEW)
    found = Note.objects.filter(customer=customer).order_by("-pk")
    return found if may else found.none()


def pinned(customer: Customer | None, actor: Actor) -> list[Note]:
    """Nobody's for a bearer card."""
    return [] if customer is None else list(of(customer, actor).filter(is_pinned=True))


def shown_first(customer: Customer, actor: Actor, count: int = 3) -> list[Note]:
    """The pinned ones, then the newest, so many altogether."""
    return list(of(customer, actor).order_by("-is_pinned", "-pk")[:count])


def told(asked: timeline.Asked) -> list[timeline.Moment]:
    """For the timeline of the customer."""
    found = of(asked.customer, asked.actor).filter(**asked.within("at")).order_by("-at", "-pk")
    return [timeline.Moment(note.at, KIND, note) for note in found[: asked.most]]


def _locked(customer: Customer) -> None:
    Customer.objects.select_for_update().only("pk").get(pk=customer.pk)


def _refuse_if_full(customer: Customer) -> None:
    if Note.objects.filter(customer=customer, is_pinned=True).count() >= MOST_PINNED:
        raise TooManyPinned(most=MOST_PINNED)
