"""Shifts as pages and programs read them."""

from django.db.models import F, QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization.models import Staff, Till
from chuzhi.payments.counter.models import Shift


def visible_to(actor: Actor) -> QuerySet[Shift]:
    """Of the stores where the actor works, newest first."""
    found = Shift.objects.select_related("till__store").order_by("-opened_at", "-pk")
    return found if actor.stores is None else found.filter(till__store__in=actor.stores)


def open_at(till: Till) -> Shift | None:
    return Shift.objects.select_related("till__store").filter(till=till, closed_at=None).first()


def last_at(till: Till) -> Shift | None:
    """The shift that was closed here last: what was counted is what the next begins with, unless some was taken away."""
    return Shift.objects.filter(till=till, closed_at__isnull=False).order_by("-number").first()


def with_difference(found: QuerySet[Shift]) -> QuerySet[Shift]:
    books = F("opened_with") + F("put_in") - F("taken_out") + F("cash_in") - F("cash_out")
    return found.filter(closed_at__isnull=False).exclude(counted=books)


def name_of(label: str) -> str:
    """Who `staff:12` is."""
    kind, _colon, number = label.partition(":")
    if kind != ActorKind.STAFF:
        return label
    return Staff.objects.filter(pk=int(number)).values_list("name", flat=True).first() or label
