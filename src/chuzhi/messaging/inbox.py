"""What a person finds in their inbox: deliveries that need no other channel."""

from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.messaging.channels.registry import INBOX
from chuzhi.messaging.models import Delivery


def of(actor: Actor) -> QuerySet[Delivery]:
    """A colleague's or a customer's own inbox, newest first. Nobody else has one."""
    mine = Delivery.objects.filter(channel=INBOX, state=Delivery.State.SENT).select_related("message").order_by("-id")
    if actor.kind is ActorKind.STAFF:
        return mine.filter(message__staff=actor.id)
    return mine.filter(message__customer=actor.id) if actor.kind is ActorKind.CUSTOMER else mine.none()


def unread(actor: Actor) -> int:
    return of(actor).filter(read_at=None).count()


def read(*, by: Actor) -> int:
    """Everything has been seen. Answers how much was new."""
    return of(by).filter(read_at=None).update(read_at=timezone.now())
