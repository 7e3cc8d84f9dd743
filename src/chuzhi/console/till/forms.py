from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices, formfields
from chuzhi.console.values import AmountField, is_money
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization import staff
from chuzhi.organization.models import Staff, Store
from chuzhi.payments import methods
from chuzhi.payments.counter import slips, tenders
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets.holds import MOST_DAYS

METHODS = [(each.name, methods.label(each)) for each in tenders.METHODS]
USUAL_DAYS = 7


class ActForm(forms.Form):
    """Something to do with a wallet at a till of `store`; `asset` is what the wallet holds."""

    def __init__(self, *args: object, asset: str, store: Store | None = None, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.asset, self.store = asset, store
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.asset = asset


class SlipField(forms.CharField):
    """Needed with a payment by card, and then `TenderForm` asks for it; with another it is not even seen."""

    def clean(self, value: object) -> str:
        return super().clean(value) or "" if value else ""


class TenderForm(forms.Form):
    """How somebody pays at the counter; of a card payment, what the terminal printed (`paper`)."""

    use_required_attribute = False
    method = forms.ChoiceField(label=_("Paid by"), choices=METHODS, initial=Method.CASH.name, widget=forms.RadioSelect)
    terminal = SlipField(label=_("Terminal"), max_length=40)
    slip = SlipField(label=_("Number of the slip"), max_length=40)
    last_four = forms.CharField(
        label=_("Card, last four digits"), max_length=4, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def clean_method(self) -> Method:
        return Method[self.cleaned_data["method"] or Method.CASH.name]

    def is_paid_here(self, _given: dict[str, Any]) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        """What the terminal printed, for a payment by card; nothing of it for another."""
        given = super().clean() or {}
        given["paper"] = None
        if given.get("method") is Method.TERMINAL and self.is_paid_here(given):
            try:
                given["paper"] = slips.checked(
                    Slip(terminal=given.get("terminal", ""), number=given.get("slip", ""), last_four=given.get("last_four", ""))
                )
            except Refused as no:
                self.add_error("slip", str(no))
        return given


class TopUpForm(ActForm, TenderForm):
    field_order = ("amount", "method")
    amount = AmountField(label=_("Amount paid"), asset="CNY")
    offer = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class ChargeForm(ActForm, TenderForm):
    """`member` is who spends from it, if not its holder."""

    field_order = ("amount", "reference", "otherwise")
    member = forms.IntegerField(required=False, widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount to charge"), asset="CNY")
    reference = forms.CharField(
        label=_("Remark"), max_length=100, required=False, help_text=_("Printed on the receipt, such as an order number.")
    )
    otherwise = AmountField(
        label=_("Of that paid otherwise"), asset="CNY", required=False, help_text=_("Empty: the wallet pays it all.")
    )

    served_by = choices.Named(
        label=_("Sold by"), queryset=Staff.objects.none(), required=False, empty_label=_("Whoever is at the till")
    )

    def __init__(self, *args: object, asset: str, store: Store | None = None, **more: object) -> None:
        super().__init__(*args, asset=asset, store=store, **more)
        colleagues = staff.working_in(store.pk if store else 0)
        formfields.named(self, "served_by", forms.ModelChoiceField).queryset = colleagues
        if len(colleagues) < 2:
            self.fields["served_by"].widget = forms.HiddenInput()
        self.fields["method"].required = False
        self.fields["otherwise"].disabled = not is_money(asset)

    def is_paid_here(self, given: dict[str, Any]) -> bool:
        return bool(given.get("otherwise"))


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
