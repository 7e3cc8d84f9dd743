"""When a customer is due again, with nothing else in the room."""

from datetime import date, timedelta


def due(customer: int, *, every_days: int, last: date | None, today: date) -> date:
    """So many days after the last time, or today if that is over.

    Customers who were never followed up are spread over the days by their number, so that a new rule floods nobody; until
    that day comes, every day on which it is worked out names the same one.
    """
    if last is None:
        return today + timedelta(days=(customer - today.toordinal()) % every_days)
    return max(today, last + timedelta(days=every_days))
