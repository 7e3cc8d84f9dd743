from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import formfields
from chuzhi.console.board import telling
from chuzhi.insights import board, journal
from chuzhi.insights.journal import Wanted
from chuzhi.insights.rules import KINDS, What
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Kind, Method
from chuzhi.payments import methods
from chuzhi.topups.channels import Channel

NO_STORE = "none"
_DAY = {"type": "date"}


class SinceForm(forms.Form):
    """The day whose end today is compared with."""

    since = forms.DateField(label=_("Compare with"), required=False, widget=forms.DateInput(attrs=_DAY))

    def clean_since(self) -> date:
        day: date | None = self.cleaned_data["since"]
        today = journal.today()
        if day is None:
            return board.usual_since()
        if not today - timedelta(days=board.LONGEST_DAYS) <= day < today:
            raise forms.ValidationError(_("A day of the last %(days)s, before today.") % {"days": board.LONGEST_DAYS})
        return day


class DaysForm(forms.Form):
    """From one day to another, both included; today where nothing is said."""

    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs=_DAY))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs=_DAY))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        today = journal.today()
        last = given.get("last") or today
        first = given.get("first") or last
        if first > last:
            self.add_error("last", _("This is before the first day."))
        elif last > today:
            self.add_error("last", _("This day has not come yet."))
        elif (today - first).days > board.LONGEST_DAYS:
            self.add_error("first", _("At most %(days)s days ago.") % {"days": board.LONGEST_DAYS})
        return given | {"first": first, "last": last}


def _any(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", _("All of them")), *choices])


class EntriesForm(DaysForm):
    """Which entries of the journal, as a figure of the board says."""

    what = _any(_("What"), [*telling.WHATS.items(), *telling.OTHER_KINDS.items()])
    store = forms.ChoiceField(label=_("Store"), required=False)
    channel = _any(pgettext_lazy("board", "Channel"), [*Channel.choices])
    method = _any(_("Paid by"), [*methods.LABELS.items()])
    asset = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stores: dict[int, str], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [("", _("All of them")), *((str(pk), name) for pk, name in stores.items()), (NO_STORE, _("No store"))]
        formfields.named(self, "store", forms.ChoiceField).choices = choices

    def clean_asset(self) -> int | None:
        code = self.cleaned_data["asset"]
        known = {assets.code(number): number for number in journal.held()}
        if code and code not in known:
            raise forms.ValidationError(_("Nothing of this kind is held."))
        return known.get(code)

    def wanted(self, stores: frozenset[int] | None) -> Wanted:
        given = self.cleaned_data
        what, store, method = given["what"], given["store"], given["method"]
        return Wanted(
            first=given["first"], last=given["last"], asset=given["asset"], channel=given["channel"], stores=stores,
            kinds=KINDS[What(what)] if what in telling.WHATS else (Kind[what.upper()],) if what else (),
            store=int(store) if store.isdecimal() else None, has_no_store=store == NO_STORE,
            method=Method[method.upper()] if method else None,
        )  # fmt: skip
