"""Stretches of days in the shop's time zone."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment(said: str) -> datetime | None:
    """What a page wrote down of a moment; None for anything else."""
    try:
        found = parse_datetime(said)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def end(day: date) -> datetime:
    return begin(day + timedelta(days=1))


def within(field: str, since: date | None, until: date | None) -> Q:
    """From the first day to the last one, both included; either may be open."""
    asked = Q(**{f"{field}__gte": begin(since)}) if since else Q()
    return asked & Q(**{f"{field}__lt": end(until)}) if until else asked
