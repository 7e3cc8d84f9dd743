from django.db.models import QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer

VIEW = "customers.view"


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """Customers belong to the merchant, not to a store: value is spent anywhere, so who may look may look up anybody."""
    here = Customer.objects.filter(withdrawn_at=None)
    if actor.kind is ActorKind.CUSTOMER:
        return here.filter(pk=actor.id)
    return here if actor.may(VIEW) else here.none()
