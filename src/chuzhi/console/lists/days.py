"""Days in the filters of a list, and moments in its cells."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from chuzhi.console.lists.columns import Cell
from chuzhi.ui.templatetags import ui


def day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def moment(at: datetime | None) -> Cell:
    return Cell(ui.when(at), plain=timezone.localtime(at).isoformat(timespec="seconds") if at else "")
