"""How much somebody may do alone, and sign for others, with nothing else in the room."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Minor units; None is any amount, 0 is nothing at all."""

    alone: int | None = 0
    """The largest act that needs no second person."""
    a_day: int | None = 0
    """All such acts of 24 hours together, so that a large one cannot be cut into small ones."""
    approves: int | None = 0
    """The largest act of somebody else that this person may sign."""


NOTHING = Limits()
EVERYTHING = Limits(None, None, None)


def widest(limits: Iterable[Limits]) -> Limits:
    """Whoever has two roles may do what either may."""
    found = list(limits)
    return Limits(
        _larger([one.alone for one in found]), _larger([one.a_day for one in found]), _larger([one.approves for one in found])
    )


def may_alone(limits: Limits, amount: int, *, used: int) -> bool:
    """`used` is what was done alone in the last 24 hours."""
    return _within(amount, limits.alone) and _within(used + amount, limits.a_day)


def left_alone(limits: Limits, *, used: int) -> int | None:
    """The largest act that somebody may still do alone now; None for any amount."""
    if limits.a_day is None:
        return limits.alone
    left = max(0, limits.a_day - used)
    return left if limits.alone is None else min(limits.alone, left)


def may_approve(limits: Limits, amount: int) -> bool:
    return limits.approves != 0 and _within(amount, limits.approves)


def is_one_person(maker: frozenset[str], checker: frozenset[str]) -> bool:
    """Both sides as every mark they are known by: accounts, the keys somebody made, an address."""
    return bool(maker & checker)


def _within(amount: int, limit: int | None) -> bool:
    return limit is None or amount <= limit


def _larger(limits: list[int | None]) -> int | None:
    return None if None in limits else max((limit for limit in limits if limit is not None), default=0)
