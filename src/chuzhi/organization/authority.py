"""May this actor do this? Commands ask it too, so that a page that forgets to ask gives nothing away."""

from chuzhi.core.actors import Actor
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.roles import PERMISSIONS


def require(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise NotAllowed(permission=PERMISSIONS[permission])
