"""Wallets by what somebody types: a card's number, or what search finds their customers by."""

from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.customers import search
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet


def wallets(among: QuerySet[Wallet], text: str, *, by: Actor, most: int) -> QuerySet[Wallet]:
    """Those of a card that is active, or of at most so many customers."""
    if by_card := queries.by_card(text, by):
        return among.filter(pk=by_card.pk)
    return among.filter(customer__in=[one.id for one in search.find(text, by=by, limit=most)])
