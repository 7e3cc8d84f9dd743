"""The place where value changes hands: an open store, one of its tills, and somebody who works there."""

from collections.abc import Mapping

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Store, Till
from chuzhi.wallets.errors import NotYourStore, StoreUnknown
from chuzhi.wallets.remembered import Remembered


def objection(store: int, till: int | None, by: Actor) -> Refused | None:
    """Why this actor cannot act at this counter, if so."""
    tills = open_stores(None).get(store)
    if tills is None or (till is not None and till not in tills):
        return StoreUnknown()
    return None if by.works_in(store) else NotYourStore()


def _look_up(_all: None) -> Mapping[int, frozenset[int]]:
    tills: dict[int, set[int]] = {number: set() for number in Store.objects.filter(is_open=True).values_list("pk", flat=True)}
    for number, store in Till.objects.filter(store__in=tills, is_open=True).values_list("pk", "store"):
        tills[store].add(number)
    return {store: frozenset(numbers) for store, numbers in tills.items()}


open_stores: Remembered[None, Mapping[int, frozenset[int]]] = Remembered(_look_up)
"""Open stores and their open tills, by number."""
