"""The days on which banks carry money: without public holidays, and in China with the weekends that are worked in their place.

The lists come with the product (the package `holidays`); a newer release brings the years that were published since.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

COUNTRIES = {"CNY": "CN", "HKD": "HK", "USD": "US", "GBP": "GB", "JPY": "JP"}
"""Whose working days count for money of a currency. The euro has a calendar of its own."""
SATURDAY = 5  # Monday is 0


@dataclass(frozen=True, slots=True)
class Year:
    """What differs from plain weeks. `is_known`: in China only what the State Council has published for the year."""

    off: frozenset[date]
    worked: frozenset[date]
    is_known: bool

    def works_on(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)


def works_on(day: date, currency: str) -> bool:
    """Weekends only are left out where we have no calendar, and in years that it does not reach."""
    return _year(day.year, currency).works_on(day)


def is_known(year: int, currency: str) -> bool:
    """Whether all days off and all moved days of the year are known. Else a date may be wrong by some days."""
    return _year(year, currency).is_known


@lru_cache(maxsize=64)
def _year(year: int, currency: str) -> Year:
    found = _calendar(year, currency)
    if found is None or not found.start_year <= year <= found.end_year:
        return Year(frozenset(), frozenset(), is_known=False)
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    return Year(frozenset(found), worked, is_known=bool(worked) or currency != "CNY")


def _calendar(year: int, currency: str) -> holidays.HolidayBase | None:
    if currency == "EUR":
        return holidays.financial_holidays("ECB", years=year)
    country = COUNTRIES.get(currency)
    return holidays.country_holidays(country, years=year) if country else None
