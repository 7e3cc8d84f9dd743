from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices
from chuzhi.console.values import AmountField
from chuzhi.ledger.chart import Method
from chuzhi.wallets.holds import MOST_DAYS

METHODS = [(Method.CASH.name, _("Cash")), (Method.TERMINAL.name, _("Card terminal"))]
USUAL_DAYS = 7


class ActForm(forms.Form):
    """Something to do with a wallet; `asset` is what the wallet holds."""

    def __init__(self, *args: object, asset: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.asset = asset
        if isinstance(amount := self.fields.get("amount"), AmountField):
            amount.asset = asset


class ChargeForm(ActForm):
    amount = AmountField(label=_("Amount to charge"), asset="CNY")
    reference = forms.CharField(
        label=_("Remark"), max_length=100, required=False, help_text=_("Printed on the receipt, such as an order number.")
    )


class TopUpForm(ActForm):
    amount = AmountField(label=_("Amount paid"), asset="CNY")
    method = forms.ChoiceField(label=_("Paid by"), choices=METHODS, initial=Method.CASH.name, widget=forms.RadioSelect)
    offer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_method(self) -> Method:
        return Method[self.cleaned_data["method"]]


class HoldForm(ActForm):
    amount = AmountField(label=_("Amount to hold"), asset="CNY")
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS)
    reference = forms.CharField(label=_("Remark"), max_length=100, required=False)


class CaptureForm(ActForm):
    amount = AmountField(label=_("Amount to take"), asset="CNY")
    final = forms.BooleanField(label=_("Let the rest go"), required=False, initial=True)


class ReleaseForm(ActForm):
    """Nothing to say: the rest of a hold goes back."""


class RefundForm(ActForm):
    amount = AmountField(label=_("Amount to give back"), asset="CNY")
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"list": "reasons"}))


class PayBackForm(RefundForm):
    amount = AmountField(
        label=_("Amount to pay back"), asset="CNY", required=False, help_text=_("Empty: all that is left of it.")
    )
    method = forms.ChoiceField(
        label=pgettext_lazy("money", "Paid out by"), choices=METHODS, initial=Method.CASH.name, widget=forms.RadioSelect
    )

    def clean_method(self) -> Method:
        return Method[self.cleaned_data["method"]]


class NewCustomerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    programme = choices.programme(label=_("Wallet"))
