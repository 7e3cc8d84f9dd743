"""What moved, added up: by where, by which way, by what was paid with. Amounts in the smallest units of an asset."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from chuzhi.ledger.chart import Kind

K = TypeVar("K")


class What(StrEnum):
    """How people sort what moves; whatever else a wallet lives through is in none of them."""

    TOPPED_UP = "topped_up"
    CHARGED = "charged"
    RETURNED = "returned"  # a charge went back into its wallet
    PAID_BACK = "paid_back"  # a top-up went back to its payer


KINDS: Mapping[What, tuple[Kind, ...]] = {
    What.TOPPED_UP: (Kind.TOP_UP,),
    What.CHARGED: (Kind.CHARGE, Kind.CAPTURE),
    What.RETURNED: (Kind.REFUND,),
    What.PAID_BACK: (Kind.TOP_UP_REFUND,),
}
WHATS = {kind: what for what, kinds in KINDS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Flow:
    """All entries of one kind that are alike in the rest. No store: on line, a partner, the office. `method` 0: none."""

    kind: Kind
    asset: int
    store: int | None
    channel: str
    method: int
    hour: int
    amount: int
    operations: int


@dataclass(frozen=True, slots=True)
class Sums:
    topped_up: int = 0
    charged: int = 0
    returned: int = 0
    paid_back: int = 0
    operations: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What customers hold of one asset: paid for, and given."""

    principal: int = 0
    bonus: int = 0

    def __sub__(self, other: "Held") -> "Held":
        return Held(self.principal - other.principal, self.bonus - other.bonus)

    def __add__(self, other: "Held") -> "Held":
        return Held(self.principal + other.principal, self.bonus + other.bonus)


@dataclass(frozen=True, slots=True)
class Change:
    """By how much entries of one kind changed what customers hold of an asset, on one day."""

    day: date
    kind: Kind
    asset: int
    held: Held


def summed(flows: Iterable[Flow], by: Callable[[Flow], K]) -> dict[K, Sums]:
    """What customers put in and took out; whatever moved most comes first."""
    rows: dict[K, dict[str, int]] = {}
    for flow in flows:
        if what := WHATS.get(flow.kind):
            row = rows.setdefault(by(flow), {})
            row[what] = row.get(what, 0) + flow.amount
            row["operations"] = row.get("operations", 0) + flow.operations
    found = {key: Sums(**row) for key, row in rows.items()}
    return dict(sorted(found.items(), key=lambda each: -(each[1].topped_up + each[1].charged)))


def together(changes: Iterable[Change], by: Callable[[Change], K]) -> dict[K, Held]:
    """Changes added up; what came to nothing is left out."""
    found: dict[K, Held] = {}
    for change in changes:
        found[by(change)] = found.get(by(change), Held()) + change.held
    return {key: held for key, held in found.items() if held != Held()}


def line(now: Held, changes: Mapping[date, Held], days: Iterable[date]) -> list[tuple[date, Held]]:
    """What was held at the end of each of these days, the last of which is today: from what is held now, backwards."""
    found: list[tuple[date, Held]] = []
    for day in sorted(days, reverse=True):
        found.append((day, now))
        now = now - changes.get(day, Held())
    return found[::-1]
