"""How the demo's households save: the one thing in its year that is derived, by a rule that fits on a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chuzhi.demo.story import Basket

ROUND_AMOUNTS = (100_00, 200_00, 300_00, 500_00, 1000_00, 2000_00, 3000_00, 5000_00)
BANDS = ((500_00, 80_00), (1000_00, 200_00))
"""The chain's offer: 500 gets 80, 1000 gets 200 (minor units, smallest first)."""
BEFORE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Saving:
    """A top-up that a basket made necessary: at its store, two minutes before it, and named after it."""

    basket: int
    store: int
    at: datetime
    amount: int


def bonus(paid: int) -> int:
    return max((gift for pay, gift in BANDS if pay <= paid), default=0)


def habit(baskets: Sequence[Basket]) -> int:
    """What this household likes to have in its wallet: about a month of its own spending."""
    return sum(basket.amount for basket in baskets) // 12


def told(baskets: Sequence[Basket]) -> Iterator[Basket | Saving]:
    """The year with its top-ups: before a basket that the balance does not cover, the household pays in a round amount.

    The smallest that covers both what is short and its habit; the largest there is, as often as needed, for a bigger basket.
    """
    usual, balance = habit(baskets), 0
    for basket in baskets:
        while balance < basket.amount:
            wanted = max(basket.amount - balance, min(usual, ROUND_AMOUNTS[-1]))
            paid = next((each for each in ROUND_AMOUNTS if each >= wanted), ROUND_AMOUNTS[-1])
            balance += paid + bonus(paid)
            yield Saving(basket.number, basket.store, basket.at - BEFORE, paid)
        balance -= basket.amount
        yield basket
