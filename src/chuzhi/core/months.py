"""Days of months, which are not all as long."""

import calendar
from datetime import date


def on(day: int, month: date) -> date:
    """That day of the month, or its last one: the 31st of February is the 28th or 29th."""
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    return on(day.day, date(day.year + years, month + 1, 1))
