"""What the terms decide, with nothing else in the room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Band:
    """Pay this much at once, get that much as a bonus. Minor units."""

    id: int
    pay: int
    bonus: int


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a programme's promises, ready to decide by."""

    id: int
    version: int
    accepted_from: datetime
    order: str
    refunds_in_proportion: bool
    refund_grace_days: int
    most_per_charge: int | None
    most_charged_a_day: int | None
    most_per_top_up: int | None
    most_topped_up_a_day: int | None
    most_held: int | None
    most_per_gift: int | None
    principal_valid_days: int | None
    bonus_valid_days: int | None
    stores: frozenset[int]
    categories: frozenset[int]
    bands: tuple[Band, ...]

    def may_be_used_in(self, store: int) -> bool:
        return not self.stores or store in self.stores


def in_force(versions: Sequence[Terms], at: datetime) -> Terms:
    """The latest version accepted by then; before the first one, the first. `versions` in order of number, never empty."""
    accepted = [terms for terms in versions if terms.accepted_from <= at]
    return max(accepted, key=lambda terms: (terms.accepted_from, terms.version)) if accepted else versions[0]


def band_for(bands: Iterable[Band], paid: int) -> Band | None:
    """The highest band that the payment reaches, once: with “500 gets 80, 1000 gets 200”, 1500 gets 200."""
    reached = [band for band in bands if band.pay <= paid]
    return max(reached, key=lambda band: band.pay) if reached else None


def valid_until(granted_at: datetime, days: int | None, zone: ZoneInfo) -> datetime | None:
    """The midnight that ends the last of `days` whole calendar days after the day of the grant, in the shop's time zone."""
    if days is None:
        return None
    day: date = granted_at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, zone)


def check_digit(digits: str) -> str:
    """The Luhn digit to append: it catches every single wrong digit and nearly every swap of neighbours."""
    doubled = [int(digit) * 2 if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))]
    return str(-sum(each - 9 if each > 9 else each for each in doubled) % 10)


def is_card_number(text: str) -> bool:
    """ASCII digits of a card's length whose last one is right."""
    return text.isascii() and text.isdigit() and 12 <= len(text) <= 19 and check_digit(text[:-1]) == text[-1]
