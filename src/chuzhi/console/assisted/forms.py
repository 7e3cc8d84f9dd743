from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.console.till.forms import ActForm, TenderForm
from chuzhi.console.values import AmountField
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.ui.documents import evidence


class RequestForm(forms.Form):
    """What the customer wishes, and how we know that it is them."""

    amount = AmountField(label=_("Amount wished"), asset="CNY")
    channel = forms.ChoiceField(label=_("How the customer asked"), choices=AssistedTopUp.Channel)
    speaker = forms.ChoiceField(label=_("Who is speaking"), choices=AssistedTopUp.Speaker)
    caller = forms.CharField(
        label=_("Their name"), max_length=200, required=False, help_text=_("If somebody speaks for the customer.")
    )
    verified = forms.ChoiceField(
        label=_("How they were verified"), choices=AssistedTopUp.Verified,
        help_text=_("Nothing is cleared for somebody who was not."),
    )  # fmt: skip
    note = forms.CharField(label=_("What they said"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    documents = evidence(label=_("Evidence"), required=False)

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "amount", AmountField).asset = asset


class LinkForm(ActForm):
    """The pay link that they get. Without another address, it goes to the one on file."""

    amount = AmountField(label=_("Amount"), asset="CNY")
    is_mailed = forms.BooleanField(label=_("Send it by e-mail"), required=False)
    email = forms.EmailField(label=_("Another e-mail address"), max_length=254, required=False)

    def clean(self) -> dict[str, Any]:
        """Whoever enters an address wants it sent there."""
        given = super().clean() or {}
        return given | {"is_mailed": bool(given.get("is_mailed") or given.get("email"))}


class CounterForm(ActForm, TenderForm):
    """Money that is here already."""

    field_order = ("amount", "method")
    amount = AmountField(label=_("Amount paid"), asset="CNY")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
