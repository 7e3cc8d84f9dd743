from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices, formfields
from chuzhi.console.values import AmountField
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Staff
from chuzhi.workforce import cadence, notes, tasks

FIELD_OF_REFUSAL = {"task.unusable": "what", "task.day_unusable": "due_on", "task.assignee_unusable": "assignee"}


class WhoseForm(forms.Form):
    """Those who have left, too: what they leave is to be handed over."""

    whose = choices.Named(
        label=_("Whose"), queryset=Staff.objects.order_by("name", "pk"), required=False, empty_label=_("Mine")
    )


class HandOverForm(forms.Form):
    whose = choices.Named(label=_("Whose"), queryset=Staff.objects.order_by("name", "pk"), widget=forms.HiddenInput)
    to = choices.colleague(label=_("Hand all of it to"))


class ChangeForm(forms.Form):
    due_on = forms.DateField(label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}))
    assignee = choices.colleague(label=_("Who does it"), empty_label=None)

    def refuse(self, no: Refused) -> None:
        self.add_error(FIELD_OF_REFUSAL.get(no.code), str(no))


class TaskForm(ChangeForm):
    what = forms.CharField(
        label=_("What is to be done"), max_length=tasks.LONGEST, help_text=_("@ and a colleague’s name tells them.")
    )
    field_order = ("what", "due_on", "assignee")


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label=_("What came of it"), max_length=notes.LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It becomes a note on the customer. @ and a colleague’s name tells them."),
    )  # fmt: skip

    def refuse(self, no: Refused) -> None:
        self.add_error(None, str(no))


class CadenceForm(forms.Form):
    """The amount is read in the currency that stands beside it."""

    tier = forms.CharField(
        label=_("Tier"), max_length=cadence.LONGEST_TIER, required=False, help_text=_("Empty: customers of any tier.")
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3, initial="CNY")
    at_least = AmountField(label=_("Balance from"), asset="CNY", required=False, help_text=_("Empty: whatever they hold."))
    every_days = forms.IntegerField(label=_("Every so many days"), min_value=1, max_value=cadence.MOST_DAYS, initial=30)
    what = forms.CharField(label=_("What is to be done"), max_length=tasks.LONGEST)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if currency := str(self.data.get("currency", "")).strip().upper():
            formfields.named(self, "at_least", AmountField).asset = currency

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean_at_least(self) -> int:
        return self.cleaned_data["at_least"] or 0

    def refuse(self, no: Refused) -> None:
        field = no.facts.get("field")
        self.add_error(field if field in self.fields else None, str(no))
