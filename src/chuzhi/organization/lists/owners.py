"""Whose a view or an act is: a colleague's, or a program's."""

from typing import Any, Protocol

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization import keys, staff
from chuzhi.organization.models import ApiKey, Staff, Store

OWNERS = {ActorKind.STAFF: "owner_id", ActorKind.KEY: "program_id"}


class Kept(Protocol):
    owner: Staff | None
    program: ApiKey | None


def columns_of(actor: Actor) -> dict[str, Any]:
    """The column that says it is theirs. Customers and kiosks own nothing here, and find nothing."""
    return {OWNERS.get(actor.kind, "owner_id"): actor.id if actor.kind in OWNERS else 0}


def lock(actor: Actor) -> None:
    """Whoever keeps two things at once does it one after the other."""
    kind: type[ApiKey | Staff] = ApiKey if actor.kind is ActorKind.KEY else Staff
    kind.objects.select_for_update(no_key=True).get(pk=actor.id)


def is_of(kept: Kept, actor: Actor) -> bool:
    owned = {ActorKind.STAFF: kept.owner, ActorKind.KEY: kept.program}.get(actor.kind)
    return owned is not None and owned.pk == actor.id


def acting(kept: Kept, *, at: Store | None) -> Actor:
    """Its owner, with what they may do now."""
    if kept.owner:
        return staff.actor_of(kept.owner, at=at)
    if kept.program:
        return keys.actor_of(kept.program)
    raise LookupError("nobody owns this")


def label_of(kept: Kept) -> str:
    """As the log has it."""
    if kept.owner:
        return f"{ActorKind.STAFF}:{kept.owner.pk}"
    return f"{ActorKind.KEY}:{kept.program.pk}" if kept.program else ""


def name_of(kept: Kept) -> str:
    owned = kept.owner or kept.program
    return owned.name if owned else ""
