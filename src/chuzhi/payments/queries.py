"""What was intended, what was said of it, and what needs somebody: for pages and programs."""

from dataclasses import dataclass

from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.payments import refunds
from chuzhi.payments.models import Account, Incident, Notice, Payment, Refund

VIEW = "payments.view"


@dataclass(frozen=True, slots=True)
class GoingBack:
    """A refund, and where its payer has to say how the money shall reach them, if they have to."""

    refund: Refund
    claim_url: str


def visible_to(actor: Actor) -> QuerySet[Payment]:
    """Payments are the company's: whoever may look sees all of them."""
    found = Payment.objects.select_related("account")
    return found if actor.may(VIEW) else found.none()


def refunds_of(*payments: Payment) -> list[GoingBack]:
    """The first one first."""
    found = Refund.objects.filter(payment__in=payments).select_related("payment__account").order_by("pk")
    return [going_back(each) for each in found]


def going_back(refund: Refund) -> GoingBack:
    return GoingBack(refund, refunds.claim_url(refund))


def notices_of(payment: Payment) -> QuerySet[Notice]:
    """What came to the door about it, the first one first."""
    return Notice.objects.filter(account=payment.account, number=payment.number).order_by("pk")


def accounts(actor: Actor) -> QuerySet[Account]:
    found = Account.objects.order_by("priority", "pk")
    return found if actor.may(VIEW) else found.none()


def incidents(actor: Actor, *, only_open: bool = True) -> QuerySet[Incident]:
    """Oldest first: they age."""
    found = Incident.objects.select_related("account", "payment").order_by("opened_at", "pk")
    if not actor.may(VIEW):
        return found.none()
    return found.filter(closed_at=None) if only_open else found
