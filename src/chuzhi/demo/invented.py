"""A year made up from a seed, for machines without the real one. The same seed tells the same year; every page says so."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from functools import cached_property

from chuzhi.demo.story import Basket, Household, Part, Totals

DEPARTMENTS = ("GROCERY", "DRUG GM", "PRODUCE", "MEAT", "DELI", "PASTRY", "SEAFOOD", "FLORAL")
DAYS = 365


class Invented:
    """Households that shop in rhythms of their own: every few days to every few weeks, small baskets and large."""

    name = "seed"
    is_real = False

    def __init__(self, *, now: datetime, zone: tzinfo, households: int = 600, stores: int = 40, seed: int = 1) -> None:
        self.end = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        self.size, self.store_count, self.seed = households, stores, seed

    def totals(self) -> Totals:
        baskets = [basket for household in self._year for basket in household.baskets]
        free = sum(not basket.amount for basket in baskets)
        stores = len({basket.store for basket in baskets})
        return Totals(len(self._year), stores, len(baskets), free, sum(basket.amount for basket in baskets))

    def stores(self) -> list[int]:
        return sorted({basket.store for household in self._year for basket in household.baskets})

    def households(self) -> Iterator[Household]:
        return iter(self._year)

    @cached_property
    def _year(self) -> list[Household]:
        return [self._household(number) for number in range(1, self.size + 1)]

    def _household(self, number: int) -> Household:
        draw = random.Random(f"{self.seed}/{number}")  # noqa: S311  # a story, not a secret
        rhythm, size, home = draw.uniform(3, 25), draw.lognormvariate(3.6, 0.6), draw.randrange(1, self.store_count + 1)
        baskets: list[Basket] = []
        at = self.end - timedelta(days=DAYS) + timedelta(days=draw.uniform(0, rhythm))
        while at < self.end:
            store = home if draw.random() < 0.8 else draw.randrange(1, self.store_count + 1)
            opened = at.replace(hour=draw.randrange(8, 22), minute=draw.randrange(60), second=draw.randrange(60))
            parts = tuple(
                Part(department, draw.randrange(1, 6), max(1, round(size * 100 * draw.uniform(0.05, 0.6))))
                for department in draw.sample(DEPARTMENTS, draw.randrange(1, 4))
            )
            baskets.append(Basket(number * 1000 + len(baskets), store, opened, sum(part.amount for part in parts), parts))
            at += timedelta(days=max(1.0, draw.gauss(rhythm, rhythm / 3)))
        return Household(number, sorted(baskets, key=lambda basket: basket.at))
