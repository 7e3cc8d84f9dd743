"""The place where value changes hands: an open store, one of its tills, and somebody who works there."""

from collections.abc import Mapping

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.remembered import Remembered
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter.errors import NoShift
from chuzhi.wallets.errors import NotYourStore, StoreUnknown


def objection(store: int, till: int | None, by: Actor) -> Refused | None:
    """Why this actor cannot act at this counter, if so."""
    tills = open_stores(None).get(store)
    if tills is None or (till is not None and till not in tills):
        return StoreUnknown()
    return None if by.works_in(store) else NotYourStore()


def cash_objection(store: int, till: int | None) -> Refused | None:
    """Why no cash can be taken or paid at this counter now, if so: some stores want a shift to be open for it."""
    if store not in strict_stores(None) or (till is not None and drawer.takes_cash(till)):
        return None
    return NoShift()


def _look_up(_all: None) -> Mapping[int, frozenset[int]]:
    tills: dict[int, set[int]] = {number: set() for number in Store.objects.filter(is_open=True).values_list("pk", flat=True)}
    for number, store in Till.objects.filter(store__in=tills, is_open=True).values_list("pk", "store"):
        tills[store].add(number)
    return {store: frozenset(numbers) for store, numbers in tills.items()}


open_stores: Remembered[None, Mapping[int, frozenset[int]]] = Remembered(_look_up)
"""Open stores and their open tills, by number."""

strict_stores: Remembered[None, frozenset[int]] = Remembered(lambda _all: drawer.stores_that_need_shifts())
"""Stores that take cash only while a shift is open."""
