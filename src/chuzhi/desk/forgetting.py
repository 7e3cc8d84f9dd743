"""What was said in tickets, when its time is over: what was done from inside them stays, in the journal and here."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chuzhi.desk.models import Step, Ticket, Words

NO_SUBJECT = "—"


def past(before: datetime) -> QuerySet[Ticket]:
    """Resolved ones in which nothing has happened since; again, if somebody wrote into one that was forgotten."""
    later = Step.objects.filter(ticket=OuterRef("pk"), at__gte=before)
    words = Words.objects.filter(step__ticket=OuterRef("pk"))
    resolved = Ticket.objects.filter(state=Ticket.State.RESOLVED, opened_at__lt=before).exclude(Exists(later))
    return resolved.filter(Q(forgotten_at=None) | Exists(words))


def of(customers: Collection[int]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(customer__in=customers, forgotten_at=None)


def forget(rows: QuerySet[Ticket]) -> int:
    Words.objects.filter(step__ticket__in=rows).delete()
    return rows.update(subject=NO_SUBJECT, text="", forgotten_at=timezone.now())
