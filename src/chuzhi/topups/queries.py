"""Orders and automatic top-ups, for whoever may see their wallets."""

from django.db.models import Q, QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.payments.models import Incident, Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Mandate, Order
from chuzhi.wallets import moves
from chuzhi.wallets.queries import VIEW


def visible_to(actor: Actor) -> QuerySet[Order]:
    found = Order.objects.select_related("wallet__customer", "wallet__programme")
    if actor.kind is ActorKind.CUSTOMER:
        return found.filter(wallet__customer=actor.id)
    return found if actor.may(VIEW) else found.none()


def named(found: QuerySet[Order], text: str) -> QuerySet[Order]:
    """By our number or the payment's, the provider's own, the entry (`12-345`) or the code on a receipt (`12-345-…`)."""
    paid = Payment.objects.filter(Q(number=text) | Q(provider_id=text), purpose=orders.PURPOSE).values("subject_id")
    book, seq = moves.place_of("-".join(text.split("-")[:2])) or (None, None)
    return found.filter(Q(number=text) | Q(pk__in=paid) | Q(book=book, seq=seq, seq__isnull=False))


def stuck(found: QuerySet[Order]) -> QuerySet[Order]:
    """Paid and not credited, or paid and not here when it should be."""
    late = Incident.objects.filter(kind=Incident.Kind.OVERDUE, closed_at=None, payment__purpose=orders.PURPOSE)
    return found.filter(Q(stage=Order.Stage.OWED) | Q(pk__in=late.values("payment__subject_id")))


def numbered(actor: Actor, text: str) -> Order | None:
    """The one of exactly this number, its own or one of its payments': found at once, however many there are."""
    paid = Payment.objects.filter(number=text, purpose=orders.PURPOSE).values_list("subject_id", flat=True)
    return visible_to(actor).filter(Q(number=text) | Q(pk__in=list(paid))).first()


def mandates(actor: Actor) -> QuerySet[Mandate]:
    found = every_mandate()
    if actor.kind is ActorKind.CUSTOMER:
        return found.filter(wallet__customer=actor.id)
    return found if actor.may(VIEW) else found.none()


def every_mandate() -> QuerySet[Mandate]:
    """With what is needed to decide about it; for programs, whose scope was asked already."""
    return Mandate.objects.select_related("wallet__customer", "account", "agreement__account")
