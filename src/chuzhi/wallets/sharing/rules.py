"""What a member may spend and when, with nothing else in the room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

WEEK = frozenset(range(7))
"""Monday is 0."""


class Period(StrEnum):
    """In which the spending of a member is added up. A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begins(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The midnight in the shop's zone at which the period that holds `now` began."""
        today = now.astimezone(zone).date()
        first = {Period.DAY: today, Period.WEEK: today - timedelta(days=today.weekday()), Period.MONTH: today.replace(day=1)}
        return datetime.combine(first[self], time.min, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a member may do. Amounts in minor units; nothing means no limit; no categories are everything that is sold.

    Hours are those of the store's clock, from the first up to the last one; days are included on both ends.
    """

    at_once: int | None = None
    a_day: int | None = None
    a_week: int | None = None
    a_month: int | None = None
    categories: frozenset[int] = field(default_factory=frozenset)
    weekdays: frozenset[int] = WEEK
    from_time: time | None = None
    to_time: time | None = None
    from_day: date | None = None
    to_day: date | None = None

    @property
    def caps(self) -> dict[Period, int]:
        """The caps that add up, the shortest period first."""
        own = {Period.DAY: self.a_day, Period.WEEK: self.a_week, Period.MONTH: self.a_month}
        return {period: cap for period, cap in own.items() if cap is not None}

    def is_within_days(self, now: datetime) -> bool:
        today = now.date()
        return (self.from_day is None or self.from_day <= today) and (self.to_day is None or today <= self.to_day)

    def is_within_hours(self, now: datetime) -> bool:
        """`now` by the store's clock."""
        if now.weekday() not in self.weekdays:
            return False
        return self.from_time is None or self.to_time is None or self.from_time <= now.time() < self.to_time


def unusable(allowance: Allowance) -> str:
    """The name of what cannot be, or nothing."""
    amounts = {"at_once": allowance.at_once, "a_day": allowance.a_day, "a_week": allowance.a_week, "a_month": allowance.a_month}
    for name, amount in amounts.items():
        if amount is not None and amount <= 0:
            return name
    if not allowance.weekdays or not allowance.weekdays <= WEEK:
        return "weekdays"
    if (allowance.from_time is None) != (allowance.to_time is None):
        return "to_time" if allowance.to_time is None else "from_time"
    if allowance.from_time is not None and allowance.to_time is not None and allowance.from_time >= allowance.to_time:
        return "to_time"
    if allowance.from_day is not None and allowance.to_day is not None and allowance.from_day > allowance.to_day:
        return "to_day"
    return ""


def crossed(allowance: Allowance, spent: Mapping[Period, int], amount: int) -> Period | None:
    """The first cap that `amount` would cross after what is `spent` already."""
    return next((period for period, cap in allowance.caps.items() if spent[period] + amount > cap), None)


def left(allowance: Allowance, spent: Mapping[Period, int]) -> int | None:
    """What may still be spent now; None: as much as is there."""
    most = [max(0, cap - spent[period]) for period, cap in allowance.caps.items()]
    return min((*most, *([] if allowance.at_once is None else [allowance.at_once])), default=None)
