"""What pages and programs read of tickets. A customer is one everywhere, and so are their tickets."""

from django.db.models import Q, QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers.models import Customer
from chuzhi.desk.models import Step, Ticket
from chuzhi.desk.tickets import VIEW
from chuzhi.messaging.models import Delivery
from chuzhi.wallets import moves
from chuzhi.wallets.models import Card, Wallet

MOST_SHOWN = 5


def visible_to(actor: Actor) -> QuerySet[Ticket]:
    """Newest first. They are among colleagues: a customer sees none."""
    found = Ticket.objects.select_related("customer", "store", "assigned_to").order_by("-opened_at", "-pk")
    return found if actor.kind is not ActorKind.CUSTOMER and actor.may(VIEW) else found.none()


def story(ticket: Ticket) -> list[Step]:
    """Oldest first, with what was said and what it came to."""
    told = ticket.steps.select_related("words", "to", "wallet__programme", "approval", "card").prefetch_related("mentioned")
    return list(told.order_by("number"))


def latest_of(customer: Customer, actor: Actor) -> list[Ticket]:
    """What is open stands first."""
    return sorted(visible_to(actor).filter(customer=customer)[:MOST_SHOWN], key=lambda ticket: not ticket.is_open)


def about_card(card: Card, actor: Actor) -> QuerySet[Ticket]:
    """Those from which it was blocked or given out."""
    return _behind(actor, wallet=card.wallet_id, card=card)


def about_delivery(delivery: Delivery, actor: Actor) -> QuerySet[Ticket]:
    """Those from which it was sent again."""
    return _behind(actor, ticket__customer=delivery.message.customer_id, delivery=delivery.pk)


def about_refund(number: int, actor: Actor) -> QuerySet[Ticket]:
    """The one from which this balance refund was asked for."""
    return _behind(actor, refund=number)


def behind(wallet: Wallet, seq: int, actor: Actor) -> Ticket | None:
    """The ticket from which an entry was made, or asked for."""
    entry = moves.operation_id(wallet.book, seq)
    steps = Step.objects.filter(Q(seq=seq) | Q(approval__result=entry), wallet=wallet)
    return visible_to(actor).filter(steps__in=steps).first()


def _behind(actor: Actor, **facts: object) -> QuerySet[Ticket]:
    """The tickets with such a step, each once."""
    return visible_to(actor).filter(pk__in=Step.objects.filter(**facts).values("ticket"))
