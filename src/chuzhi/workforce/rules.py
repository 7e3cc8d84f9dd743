"""Who is meant by a note, and when a customer is due again, with nothing else in the room."""

from collections.abc import Iterable
from datetime import date, timedelta


def mentioned(text: str, names: Iterable[str]) -> frozenset[str]:
    """The names behind an @: Chinese is written without spaces, so of several names that fit, the longest is meant."""
    known = sorted(filter(None, names), key=len, reverse=True)
    found = (next((name for name in known if said.startswith(name)), "") for said in text.split("@")[1:])
    return frozenset(filter(None, found))


def due(customer: int, *, every_days: int, last: date | None, today: date) -> date:
    """So many days after the last time, or today if that is over.

    Customers who were never followed up are spread over the days by their number, so that a new rule floods nobody; until
    that day comes, every day on which it is worked out names the same one.
    """
    if last is None:
        return today + timedelta(days=(customer - today.toordinal()) % every_days)
    return max(today, last + timedelta(days=every_days))
