from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.console.choices import Named
from chuzhi.console.values import AmountField
from chuzhi.risk import queries
from chuzhi.risk.models import Action, Case
from chuzhi.risk.rules import LONGEST_MINUTES, RULES, Thresholds
from chuzhi.risk.thresholds import InForce

HOURS = [(hour, f"{hour}:00") for hour in range(24)]


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=200)


class AssignForm(forms.Form):
    to = Named(label=_("Given to"), queryset=queries.workers(), required=False, empty_label=_("Nobody yet"))


class CloseForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("What was it?"), choices=[each for each in Case.Verdict.choices if each[0]], widget=forms.RadioSelect
    )
    remark = forms.CharField(label=_("What was found and done"), max_length=200)


class LetGoForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class RuleForm(forms.Form):
    """Only the figures that the rule asks about. The amount is read in the currency that stands beside it."""

    is_on = forms.BooleanField(label=_("This rule is on"), required=False)
    from_hour = forms.TypedChoiceField(label=_("From"), choices=HOURS, coerce=int)
    until_hour = forms.TypedChoiceField(label=_("Until"), choices=[*HOURS[1:], (24, "24:00")], coerce=int)
    minutes = forms.IntegerField(label=_("Within"), min_value=1, max_value=LONGEST_MINUTES)
    count = forms.IntegerField(
        label=_("So often"), min_value=0, max_value=100_000, required=False, help_text=_("Empty: not counted.")
    )
    amount = AmountField(label=_("So much"), asset="CNY", required=False, help_text=_("Empty: not added up."))
    currency = forms.CharField(label=_("Currency"), max_length=3)
    action = forms.ChoiceField(label=_("What happens then"), choices=Action.choices, required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, code: str, **more: Any) -> None:
        super().__init__(*args, **more)
        asks = RULES[code].asks
        for name in {"from_hour", "until_hour", "count", "amount"} - set(asks):
            del self.fields[name]
        if "amount" not in asks:
            del self.fields["currency"]
        elif currency := str(self.data.get("currency", self.initial.get("currency", ""))).strip():
            formfields.named(self, "amount", AmountField).asset = currency
        if not RULES[code].is_of_a_holder:
            del self.fields["action"]

    @property
    def limits(self) -> Thresholds:
        names = ("minutes", "count", "amount", "currency", "from_hour", "until_hour")
        return Thresholds(**{name: given for name in names if (given := self.cleaned_data.get(name)) is not None})


def as_typed(now: InForce, plain_amount: str) -> dict[str, Any]:
    limits = now.limits
    return {
        "is_on": now.is_on, "minutes": limits.minutes, "count": limits.count or "", "amount": plain_amount,
        "currency": limits.currency, "from_hour": limits.from_hour, "until_hour": limits.until_hour, "action": now.action,
    }  # fmt: skip
