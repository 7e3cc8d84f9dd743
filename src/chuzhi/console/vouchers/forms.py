from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices
from chuzhi.console.values import AmountField
from chuzhi.organization.models import Store
from chuzhi.organization.partners.models import Partner
from chuzhi.topups.cards import offering
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers import batches
from chuzhi.wallets.vouchers.models import VoucherBatch


class OrderForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Printed on every card before its serial: letters, digits and hyphens.")
    )
    programme = choices.Named(
        label=_("Programme"), queryset=Programme.objects.filter(is_open=True, kind=Programme.Kind.MONEY).order_by("pk")
    )
    value = AmountField(label=_("Value of a card"), asset="CNY")
    count = forms.IntegerField(label=_("Number of cards"), min_value=1, max_value=batches.MOST)
    form = forms.ChoiceField(
        label=_("What the holder types"), choices=VoucherBatch.Form.choices, initial=VoucherBatch.Form.PIN,
        widget=forms.RadioSelect,
    )  # fmt: skip
    note = forms.CharField(label=_("Remark"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["form"] = VoucherBatch.Form(cleaned["form"]) if cleaned.get("form") else None
        return cleaned


class OfferForm(forms.Form):
    """Cards of one value that are sold on line."""

    programme = choices.Named(
        label=_("Programme"), queryset=Programme.objects.filter(is_open=True, kind=Programme.Kind.MONEY).order_by("pk")
    )
    store = choices.store(label=_("Store"), help_text=_("Its rule pack holds, and its sales count them."))
    value = AmountField(label=_("Value of a card"), asset="CNY")
    price = AmountField(label=_("Price"), asset="CNY", required=False, help_text=_("Empty: as much as it is worth."))
    most_at_once = forms.IntegerField(label=_("At most at once"), min_value=1, max_value=offering.MOST_AT_ONCE, initial=5)
    left = forms.IntegerField(
        label=_("Cards in all"), min_value=0, max_value=offering.MOST_LEFT, required=False, help_text=_("Empty: any number.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["price"] = cleaned.get("price") or cleaned.get("value")
        return cleaned


class BuyerForm(forms.Form):
    """Who buys bearer cards. Asked only where law wants it registered."""

    name = forms.CharField(label=_("Name of the buyer"), max_length=80)
    identity_number = forms.CharField(label=_("Identity number"), max_length=30)


class GiveBackForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class RunForm(forms.Form):
    first = forms.IntegerField(label=_("First serial"), min_value=1)
    last = forms.IntegerField(label=_("Last serial"), min_value=1)


class SendForm(RunForm):
    store = choices.store(label=_("To the store"), required=False)
    partner = choices.Named(
        label=_("Or to the partner"), required=False,
        queryset=Partner.objects.filter(status=Partner.Status.ACTIVE).order_by("code"),
    )  # fmt: skip


class ReasonedRunForm(RunForm):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CountForm(forms.Form):
    store = choices.Named(label=_("Store"), queryset=Store.objects.order_by("code"), required=False, empty_label=_("The house"))
    partner = choices.Named(label=_("Or partner"), queryset=Partner.objects.order_by("code"), required=False)
    counted = forms.IntegerField(label=_("Cards counted"), min_value=0)
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)


class RenewForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class RedeemForm(forms.Form):
    number = forms.CharField(
        label=_("Card number"), max_length=40, required=False, help_text=_("Empty if the card has one long code.")
    )
    secret = forms.CharField(label=_("PIN or code"), max_length=60)
