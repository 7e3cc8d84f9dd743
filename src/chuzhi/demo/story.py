"""What happened in the demo's year, wherever it is read from: households, their baskets, and the stores they went to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Part:
    """What one department sold in a basket: `amount` in minor units, `items` lines of the receipt."""

    department: str
    items: int
    amount: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One visit to a till. `amount` in minor units; 0 when everything in it was given away."""

    number: int
    store: int
    at: datetime
    amount: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """One customer of the year: baskets in the order they happened."""

    number: int
    baskets: Sequence[Basket]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the source itself says it holds; the loaded year must come to the same."""

    households: int
    stores: int
    baskets: int
    free_baskets: int
    amount: int


class Source(Protocol):
    """Where a year comes from."""

    name: str
    is_real: bool

    def totals(self) -> Totals: ...

    def stores(self) -> list[int]: ...

    def households(self) -> Iterator[Household]: ...
