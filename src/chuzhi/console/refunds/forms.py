from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console.values import AmountField
from chuzhi.refunds.calculating import Circumstances
from chuzhi.refunds.models import RefundRequest
from chuzhi.refunds.rules import Cause
from chuzhi.ui.documents import evidence


def _money(label: Any, help_text: Any) -> AmountField:
    return AmountField(label=label, asset="CNY", required=False, help_text=help_text)


class CircumstancesForm(forms.Form):
    """What the ledger cannot know. `currency` is what is paid out; visits have a price of their own."""

    cause = forms.ChoiceField(
        label=_("Who is the cause?"), choices=RefundRequest.Cause, initial=Cause.CUSTOMER, widget=forms.RadioSelect
    )
    had_it_before = forms.BooleanField(label=_("Had received the same goods or services before buying"), required=False)
    gifts = _money(_("Gifts taken and not brought back"), _("Their value. Leave empty if there were none."))
    list_extra = _money(
        _("Discounts on what was spent"), _("How much more it would have cost at list price, where members pay less.")
    )
    unit_price = _money(_("Paid for each visit"), "")
    list_price = _money(_("List price of a visit"), "")
    is_time_card = forms.BooleanField(label=_("A time card: days count, used or not"), required=False)

    def __init__(self, *args: Any, currency: str, is_money: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("unit_price", "list_price", "is_time_card") if is_money else ("list_extra",):
            del self.fields[name]
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.asset = currency
        if not is_money:
            self.fields["unit_price"].required = True

    def said(self, top_ups: frozenset[int]) -> Circumstances:
        given = self.cleaned_data
        return Circumstances(
            cause=Cause(given["cause"]),
            had_it_before=given["had_it_before"],
            gifts=given["gifts"] or 0,
            list_extra=given.get("list_extra") or 0,
            unit_price=given.get("unit_price") or 0,
            list_price=given.get("list_price") or 0,
            is_time_card=bool(given.get("is_time_card")),
            top_ups=top_ups,
        )


class RequestForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    method = forms.ChoiceField(label=_("Paid out by"), choices=RefundRequest.Method)
    payee = forms.CharField(
        label=_("Account to pay to"), max_length=200, required=False, help_text=_("Holder, bank and number; kept encrypted.")
    )
    documents = evidence(label=_("Evidence"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("method") == RefundRequest.Method.BANK and not given.get("payee"):
            self.add_error("payee", self.fields["reason"].error_messages["required"])
        return given


class DecisionForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PaymentForm(forms.Form):
    method = forms.ChoiceField(label=_("Paid with"), choices=RefundRequest.Method)
    reference = forms.CharField(
        label=_("Payment reference"), max_length=100, help_text=_("The bank’s number, or that of the slip.")
    )
