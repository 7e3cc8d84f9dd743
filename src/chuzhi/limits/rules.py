"""Which ceiling applies: the strictest, unless a raise was granted; and never above the law's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chuzhi.core.packs.rules import Rule


class Kind(StrEnum):
    AT_ONCE = "at_once"
    A_DAY = "a_day"
    ROLLING = "rolling"
    HELD = "held"


class Origin(StrEnum):
    LAW = "law"
    TERMS = "terms"
    SHOP = "shop"
    RAISE = "raise"


class Channel(StrEnum):
    """By which way a top-up comes in."""

    COUNTER = "counter"
    WEB = "web"
    PHONE = "phone"
    LINK = "link"
    AGENT = "agent"
    PARTNER = "partner"
    AUTO = "auto"
    PROGRAM = "program"


CHANNELS = {"staff": Channel.COUNTER, "key": Channel.PROGRAM, "customer": Channel.PHONE, "system": Channel.AUTO}
"""The way, by the kind of actor, where nobody says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A top-up as limits see it. Empty: not known yet, so that only limits for all of them apply."""

    asset: str
    customer: int | None = None
    tier: str = ""
    channel: str = ""
    method: str = ""
    holder: str = ""
    pack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom and what a limit of the shop holds; an empty field narrows nothing."""

    customer: int | None = None
    tier: str = ""
    channel: str = ""
    method: str = ""
    holder: str = ""
    pack: str = ""

    def covers(self, situation: Situation) -> bool:
        names = ("customer", "tier", "channel", "method", "holder", "pack")
        return all(not (own := getattr(self, name)) or own == getattr(situation, name) for name in names)


EVERYBODY = Scope()


@dataclass(frozen=True, slots=True)
class Bound:
    """One ceiling and where it comes from: `number` is that of the limit, the raise or the version of the terms."""

    kind: Kind
    amount: int
    origin: Origin
    number: int = 0
    scope: Scope = EVERYBODY
    rule: Rule | None = None
    raised_from: "Bound | None" = None

    @property
    def is_total(self) -> bool:
        """Whether it adds up what came before. Those of the terms the ledger counts itself, wallet by wallet."""
        return self.kind in {Kind.A_DAY, Kind.ROLLING} and self._root.origin is not Origin.TERMS

    @property
    def is_of_one_card(self) -> bool:
        return self._root.origin is Origin.LAW

    @property
    def _root(self) -> "Bound":
        return self.raised_from or self


def after_raises(bounds: Iterable[Bound], raises: Sequence[Bound]) -> list[Bound]:
    """The bounds with what was granted: a raise lifts what the shop set, never lowers it, and never touches the law's."""
    highest = {kind: max((one for one in raises if one.kind is kind), key=_amount, default=None) for kind in Kind}
    return [_raised(bound, highest[bound.kind]) for bound in bounds]


def strictest(bounds: Iterable[Bound], kind: Kind) -> Bound | None:
    """The one that decides: the lowest, and of equal ones the law's."""
    mine = [bound for bound in bounds if bound.kind is kind]
    return min(mine, key=lambda bound: (bound.amount, bound.origin is not Origin.LAW), default=None)


def _raised(bound: Bound, granted: Bound | None) -> Bound:
    if bound.origin is Origin.LAW or granted is None or granted.amount <= bound.amount:
        return bound
    return replace(granted, scope=bound.scope, raised_from=bound)


def _amount(bound: Bound) -> int:
    return bound.amount
