from django.db.models import Q, QuerySet
from django.utils import timezone

from chuzhi.approvals import authority, kinds
from chuzhi.approvals.models import Request
from chuzhi.core.actors import Actor

VIEW = "approvals.view"
SEES_ALL = frozenset({authority.DECIDE, "audit.view"})


def visible_to(actor: Actor) -> QuerySet[Request]:
    """One's own requests; for those who decide or audit also those of others, from the stores where they work."""
    every = Request.objects.order_by("-id")
    if not any(actor.may(permission) for permission in SEES_ALL):
        return every.filter(asked_by=actor.label)
    return every if actor.stores is None else every.filter(Q(asked_by=actor.label) | Q(store__in=actor.stores))


def waiting_for(actor: Actor) -> QuerySet[Request]:
    """What this actor may decide now, oldest first."""
    waiting = visible_to(actor).filter(state=Request.State.WAITING, expires_at__gt=timezone.now())
    return waiting.filter(_for(actor)).exclude(asked_by=actor.label).order_by("id")


def _for(actor: Actor) -> Q:
    """Kinds and sizes that are for this actor to decide."""
    fitting = Q(pk=None)
    own = authority.limits_by_kind(actor, kinds.every()) if actor.may(authority.DECIDE) else {}
    for kind, limits in own.items():
        fitting |= Q(kind=kind) if limits.approves is None else Q(kind=kind, amount__lte=limits.approves)
    return fitting
