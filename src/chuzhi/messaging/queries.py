from django.db.models import Q, QuerySet

from chuzhi.core.actors import Actor
from chuzhi.messaging.models import Delivery

VIEW = "messages.view"


def visible_to(actor: Actor) -> QuerySet[Delivery]:
    """The log of deliveries, newest first. What was told to colleagues is theirs: only who may see all stores sees it."""
    if not actor.may(VIEW):
        return Delivery.objects.none()
    log = Delivery.objects.select_related("message__customer", "message__staff").order_by("-id")
    return log if actor.stores is None else log.filter(~Q(message__customer=None))
