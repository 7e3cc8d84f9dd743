"""Views of lists that staff and programs keep: their own, and those that colleagues share."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.lists import owners
from chuzhi.organization.lists.errors import NameMissing, NotYourView, TooManyViews, ViewUnknown
from chuzhi.organization.lists.models import SavedView, UsualView

LONGEST_NAME = 60
MOST_VIEWS = 30


def visible_to(actor: Actor, list_name: str) -> QuerySet[SavedView]:
    """One's own and shared ones, by name."""
    found = SavedView.objects.filter(listing=list_name)
    if actor.kind not in owners.OWNERS:
        return found.none()
    return found.filter(Q(**owners.columns_of(actor)) | Q(is_shared=True)).order_by("name", "pk")


@transaction.atomic
def keep(
    *, list_name: str, name: str, filters: Mapping[str, str], columns: Sequence[str], sort: str, is_shared: bool, by: Actor
) -> SavedView:
    """Under a name that they have already, it takes that one's place."""
    clean = " ".join(name.split())
    if not 0 < len(clean) <= LONGEST_NAME or not clean.isprintable():
        raise NameMissing(most=LONGEST_NAME)
    owners.lock(by)  # so the count holds
    whose = owners.columns_of(by)
    mine = SavedView.objects.filter(**whose, listing=list_name)
    if mine.count() >= MOST_VIEWS and not mine.filter(name=clean).exists():
        raise TooManyViews(most=MOST_VIEWS)
    looks = {"filters": dict(filters), "columns": list(columns), "sort": sort, "is_shared": is_shared}
    view, _made = SavedView.objects.update_or_create(**whose, listing=list_name, name=clean, defaults=looks)
    audit.record("list.view_kept", f"list:{list_name}", by=by, view=view.pk, is_shared=is_shared)
    return view


@transaction.atomic
def remove(*, view: SavedView, by: Actor) -> None:
    """One's own. A colleague's shared view may be removed by whoever manages staff."""
    if not owners.is_of(view, by) and not by.may("staff.manage"):
        raise NotYourView
    audit.record("list.view_removed", f"list:{view.listing}", by=by, view=view.pk)
    view.delete()


@transaction.atomic
def make_usual(*, view: SavedView, by: Actor) -> None:
    """The list opens with it from now on, for this person."""
    if not visible_to(by, view.listing).filter(pk=view.pk).exists():
        raise ViewUnknown
    UsualView.objects.update_or_create(staff_id=by.id, listing=view.listing, defaults={"view": view})


def forget_usual(*, list_name: str, by: Actor) -> None:
    UsualView.objects.filter(staff=by.id, listing=list_name).delete()


def usual(actor: Actor, list_name: str) -> int | None:
    """The number of the view that the list opens with, if it is still there for this person."""
    seen = visible_to(actor, list_name).values("pk")
    return UsualView.objects.filter(staff=actor.id, listing=list_name, view__in=seen).values_list("view", flat=True).first()
