from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices, formfields
from chuzhi.console.audit import wording
from chuzhi.ledger.trail import Search

USUAL_DAYS = 7
LONGEST_DAYS = 366
_DAY = {"type": "date"}


class SearchForm(forms.Form):
    """What lines of the audit log are wanted; empty, those of the last week."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs=_DAY))
    who = choices.Doers()
    area = forms.ChoiceField(label=_("Area"), required=False)
    about = forms.CharField(
        label=_("About"), required=False, max_length=80, widget=forms.TextInput(attrs={"placeholder": "customer:12"})
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        areas = sorted(((code, str(label)) for code, label in wording.AREAS.items()), key=lambda each: each[1])
        formfields.named(self, "area", forms.ChoiceField).choices = [("", _("Everything")), *areas]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        today = timezone.localdate()
        until = given.get("until") or today
        since = given.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        if since > until:
            self.add_error("until", _("This is before the first day."))
        elif (until - since).days >= LONGEST_DAYS:
            self.add_error("since", _("At most a year at once."))
        given["since"], given["until"] = since, until
        return given

    def search(self) -> Search:
        given = self.cleaned_data
        return Search(
            since=_begin(given["since"]),
            until=_begin(given["until"] + timedelta(days=1)),
            actors=given["who"],
            area=given["area"],
            subject=given["about"].strip(),
        )

    @property
    def days(self) -> str:
        return f"{self.cleaned_data['since']}-{self.cleaned_data['until']}"

    @property
    def words(self) -> dict[str, str]:
        """What was asked for besides the days, as it was typed."""
        return {name: self.data[name] for name in ("who", "area", "about") if self.data.get(name)}


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
