"""Stretches of days in the filters of a list, and moments in its cells."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from chuzhi.console.lists.columns import Cell
from chuzhi.ui.templatetags import ui


def day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def begin(day: date) -> datetime:
    """In the shop's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end(day: date) -> datetime:
    return begin(day + timedelta(days=1))


def within(field: str, since: date | None, until: date | None) -> Q:
    """From the first day to the last one, both included; either may be open."""
    asked = Q(**{f"{field}__gte": begin(since)}) if since else Q()
    return asked & Q(**{f"{field}__lt": end(until)}) if until else asked


def moment(at: datetime | None) -> Cell:
    return Cell(ui.when(at), plain=timezone.localtime(at).isoformat(timespec="seconds") if at else "")
