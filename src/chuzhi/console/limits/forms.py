from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices, formfields
from chuzhi.console.limits.telling import CHANNELS, HOLDERS, METHODS
from chuzhi.console.values import AmountField
from chuzhi.core import money
from chuzhi.limits.models import LimitKind
from chuzhi.limits.rules import Scope
from chuzhi.ui.documents import evidence


def _any(label: Any, named: dict[str, Any], everything: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", everything), *named.items()])


class LimitForm(forms.Form):
    """One ceiling of the shop. Its amount is read in the currency that stands beside it."""

    kind = forms.ChoiceField(label=_("What is limited"), choices=LimitKind)
    asset = forms.CharField(
        label=_("Currency"), max_length=40, initial="CNY", help_text=_("As a programme has it: CNY, POINTS …")
    )
    amount = AmountField(label=_("At most"), asset="CNY")
    method = _any(_("Payment method"), METHODS, _("All methods"))
    channel = _any(_("Channel of top-ups"), CHANNELS, _("All channels"))
    holder = _any(_("Kind of card"), HOLDERS, _("All cards"))
    tier = forms.CharField(label=_("Tier"), max_length=20, required=False, help_text=_("Empty: customers of any tier."))
    pack = forms.ChoiceField(label=_("Stores with the rule pack"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "pack", forms.ChoiceField).choices = [("", _("All stores")), *choices.packs()]
        if asset := str(self.data.get("asset", "")).strip():
            formfields.named(self, "amount", AmountField).asset = asset

    def clean_asset(self) -> str:
        asset = str(self.cleaned_data["asset"]).strip()
        if not asset.startswith("VISITS:") and asset != "POINTS":
            try:
                money.exponent(asset)
            except money.UnknownCurrency as no:
                raise forms.ValidationError(str(no), code=no.code) from no
        return asset

    @property
    def scope(self) -> Scope:
        given = self.cleaned_data
        return Scope(**{name: given[name] for name in ("method", "channel", "holder", "tier", "pack")})


class SituationForm(forms.Form):
    """How the money would come; empty for all ways together."""

    store = choices.store(label=_("Store"), required=False)
    method = _any(_("Payment method"), METHODS, _("All methods"))
    channel = _any(_("Channel of top-ups"), CHANNELS, _("All channels"))


class RaiseForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is to be higher"), choices=LimitKind)
    amount = AmountField(label=_("How high"), asset="CNY")
    ends_on = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("At most a year from today.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    documents = evidence(label=_("Documents"))

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "amount", AmountField).asset = asset


class DecisionForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    ends_on = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
