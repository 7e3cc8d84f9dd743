from django.db.models import QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer

VIEW = "customers.view"


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """Customers belong to the merchant, not to a store: value is spent anywhere, so who may look may look up anybody."""
    if actor.kind is ActorKind.CUSTOMER:
        return Customer.objects.filter(pk=actor.id)
    return Customer.objects.all() if actor.may(VIEW) else Customer.objects.none()
