"""Which offer a payment reaches, what it yields, and when: values in, a decision out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chuzhi.core import months


class Kind(StrEnum):
    """What a gift is: bonus in the wallet itself, a lot in another programme, a coupon, or a level."""

    BONUS = "bonus"
    LOT = "lot"
    COUPON = "coupon"
    LEVEL = "level"


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Why(StrEnum):
    """Why an offer is not given."""

    STOPPED = "stopped"
    BUDGET = "budget"
    NOT_YET = "not_yet"
    OVER = "over"
    STORE = "store"
    CHANNEL = "channel"
    BEARER = "bearer"
    TIER = "tier"
    NOT_FIRST = "not_first"
    USED_UP = "used_up"
    BELOW = "below"
    OUTDONE = "outdone"
    WAITING = "waiting"


MOST_WAITING = 5
"""Unpaid orders of one payer that hold parts of one budget: nobody keeps it from others by ordering and not paying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """`worth` is what the whole of it costs the shop, in minor units of the wallet; of a bonus, the bonus itself."""

    id: int = 0
    kind: Kind
    amount: int
    worth: int
    programme: int | None = None
    code: str = ""
    valid_days: int | None = None
    parts: int = 1
    every: Every | None = None

    @property
    def at_once(self) -> int:
        """What of it comes with the top-up itself; the rest is released when its days come."""
        return shares(self.amount, self.parts)[0]


@dataclass(frozen=True, slots=True)
class Band:
    """Pay this much at once, get those gifts. `mark` names it for ever: what a customer was shown."""

    mark: str
    pay: int
    gifts: tuple[Gift, ...]

    @property
    def worth(self) -> int:
        return sum(gift.worth for gift in self.gifts)

    @property
    def bonus(self) -> int:
        """All the bonus of it, released at once or later."""
        return sum(gift.amount for gift in self.gifts if gift.kind is Kind.BONUS)

    @property
    def bonus_at_once(self) -> int:
        return sum(gift.at_once for gift in self.gifts if gift.kind is Kind.BONUS)

    @property
    def needs_a_customer(self) -> bool:
        return any(gift.kind is not Kind.BONUS for gift in self.gifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer as it stands: `left` is what its budget still allows, None without one. Empty conditions are no conditions."""

    id: int
    name: str = ""
    bands: tuple[Band, ...]
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stopped: Why | None = None
    left: int | None = None
    tiers: frozenset[str] = frozenset()
    stores: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    is_first_only: bool = False
    most_uses: int | None = None

    def reached(self, amount: int) -> Band | None:
        """The highest band that the amount reaches, once."""
        return max((band for band in self.bands if band.pay <= amount), key=lambda band: band.pay, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A payment that somebody thinks of, and what is known of who pays. Counted by offer: `uses`, with those that are being paid
    for, and `waiting`, the orders of this payer that hold a part of its budget."""

    amount: int
    at: datetime
    store: int | None = None
    channel: str = "counter"
    tiers: frozenset[str] = frozenset()
    is_bearer: bool = False
    has_topped_up: bool = False
    uses: Mapping[int, int] = field(default_factory=dict)
    waiting: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Won:
    """The one offer that is given, and the band of it that the payment reaches."""

    offer: Offer
    band: Band


@dataclass(frozen=True, slots=True)
class Next:
    """Pay `add` more and get gifts worth `more` more."""

    add: int
    more: int
    won: Won


@dataclass(frozen=True, slots=True)
class Choice:
    won: Won | None
    others: tuple[tuple[Offer, Why], ...]


def why_not(offer: Offer, asking: Asking) -> Why | None:
    """What keeps the offer from being given at all; the amount is not looked at, but for whether its budget lasts."""
    if offer.stopped is not None:
        return offer.stopped
    objections = (
        (offer.starts_at is not None and asking.at < offer.starts_at, Why.NOT_YET),
        (offer.ends_at is not None and asking.at >= offer.ends_at, Why.OVER),
        (bool(offer.stores) and asking.store not in offer.stores, Why.STORE),
        (bool(offer.channels) and asking.channel not in offer.channels, Why.CHANNEL),
        (bool(offer.tiers) and not offer.tiers & asking.tiers, Why.TIER),
    )
    return next((why for holds, why in objections if holds), None) or not_again(offer, asking)


def not_again(offer: Offer, asking: Asking) -> Why | None:
    """Whether this payer has had of the offer what one payer may have."""
    if offer.is_first_only and asking.has_topped_up:
        return Why.NOT_FIRST
    if offer.most_uses is not None and asking.uses.get(offer.id, 0) >= offer.most_uses:
        return Why.USED_UP
    return None


def choose(offers: Iterable[Offer], asking: Asking) -> Choice:
    """The best single offer: of the highest priority, then worth the most, then the oldest. Why not, for each of the others."""
    others: list[tuple[Offer, Why]] = []
    fit: list[Won] = []
    for offer in offers:
        band, why = offer.reached(asking.amount), why_not(offer, asking)
        if why is None and band is None:
            why = Why.BELOW
        if why is None and band is not None:
            why = _why_not_this_band(offer, band, asking)
        if why is None and band is not None:
            fit.append(Won(offer, band))
        elif why is not None:
            others.append((offer, why))
    fit.sort(key=lambda won: (-won.offer.priority, -won.band.worth, won.offer.id))
    outdone = [(won.offer, Why.OUTDONE) for won in fit[1:]]
    return Choice(fit[0] if fit else None, (*outdone, *others))


def _why_not_this_band(offer: Offer, band: Band, asking: Asking) -> Why | None:
    if offer.left is not None and band.worth > offer.left:
        return Why.BUDGET
    if offer.left is not None and asking.waiting.get(offer.id, 0) >= MOST_WAITING:
        return Why.WAITING
    return Why.BEARER if asking.is_bearer and band.needs_a_customer else None


def next_band(offers: Sequence[Offer], asking: Asking, *, most: int | None = None) -> Next | None:
    """The smallest further amount that is worth something, up to the largest top-up that is allowed."""
    won = choose(offers, asking).won
    has = won.band.worth if won else 0
    steps = {band.pay for offer in offers for band in offer.bands if band.pay > asking.amount}
    for pay in sorted(step for step in steps if most is None or step <= most):
        better = choose(offers, _paying(asking, pay)).won
        if better is not None and better.band.worth > has:
            return Next(pay - asking.amount, better.band.worth - has, better)
    return None


def _paying(asking: Asking, amount: int) -> Asking:
    return Asking(
        amount=amount, at=asking.at, store=asking.store, channel=asking.channel, tiers=asking.tiers,
        is_bearer=asking.is_bearer, has_topped_up=asking.has_topped_up, uses=asking.uses, waiting=asking.waiting,
    )  # fmt: skip


def least_worth(bands: Iterable[Band]) -> int:
    return min((band.worth for band in bands), default=0)


def is_spent(left: int | None, bands: Iterable[Band]) -> bool:
    """Whether not even the smallest band can be given from what the budget has left: the offer stops."""
    return left is not None and left < max(1, least_worth(bands))


def rises(bands: Iterable[Band]) -> bool:
    """Whether who pays more never gets less."""
    worths = [band.worth for band in sorted(bands, key=lambda band: band.pay)]
    return worths == sorted(worths)


def shares(amount: int, parts: int) -> list[int]:
    """The amount in equal parts that sum to it; the odd units go to the first ones, whose remainders are as large as any."""
    each, odd = divmod(amount, parts)
    return [each + (number < odd) for number in range(parts)]


def due(start: datetime, every: Every | None, number: int, zone: ZoneInfo) -> datetime:
    """When part `number` (from 0) is due: the same time of day in the shop, days, weeks or months later.

    A month without that day gives on its last one, and the next month again on the day itself.
    """
    if every is None or number == 0:
        return start
    local = start.astimezone(zone)
    if every is not Every.MONTH:
        later = local.replace(tzinfo=None) + timedelta(days=number * (7 if every is Every.WEEK else 1))
        return later.replace(tzinfo=zone)
    return datetime.combine(months.later(local.date(), number), local.timetz())


def to_take_back(amount: int, paid: int, returned: int) -> int:
    """How much of what was given goes back when `returned` of the paid principal has gone back: in proportion, rounded down."""
    return amount * min(returned, paid) // paid
