from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import values
from chuzhi.console.values import AmountField
from chuzhi.organization.partners.models import Partner, PartnerIncident, PartnerTerms
from chuzhi.organization.partners.rules import TEN_THOUSAND

IN, OUT = "in", "out"
A_PERCENT = TEN_THOUSAND // 100


class TermsForm(forms.Form):
    contract = forms.CharField(label=_("Contract number"), max_length=60, required=False)
    ends_on = forms.DateField(
        label=_("Last day of the contract"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is ended."),
    )  # fmt: skip
    credit_limit = AmountField(
        label=_("Credit"), asset="CNY", required=False, help_text=_("How far the float may go below zero. Empty: prepaid only.")
    )
    commission = forms.DecimalField(
        label=_("Commission in percent"), min_value=0, max_value=100, decimal_places=2, initial=Decimal("0.00")
    )
    most_a_day = AmountField(label=_("Most a day"), asset="CNY", required=False, help_text=_("Empty: no limit."))
    most_per_top_up = AmountField(label=_("Most at once"), asset="CNY", required=False, help_text=_("Empty: no limit."))
    busy_from = forms.IntegerField(
        label=_("Alarm from so many top-ups in ten minutes"), min_value=1, max_value=10**6, initial=30
    )

    def agreed(self) -> dict[str, Any]:
        """The terms as the command takes them."""
        given = {name: self.cleaned_data[name] for name in TermsForm.base_fields}
        return given | {"credit_limit": given["credit_limit"] or 0, "commission": int(given["commission"] * A_PERCENT)}


class PartnerForm(forms.Form):
    name = forms.CharField(label=_("Name of the partner"), max_length=80)
    contact = forms.CharField(label=_("Contact person"), max_length=80, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))


class NewPartnerForm(TermsForm, PartnerForm):
    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Short, for lists and files: letters, digits and hyphens.")
    )
    field_order = ("code", "name", "contact", "phone")


class PaymentForm(forms.Form):
    way = forms.ChoiceField(
        label=_("Which way"), choices=[(IN, _("The partner paid us")), (OUT, _("We paid the partner"))], initial=IN,
        widget=forms.RadioSelect,
    )  # fmt: skip
    amount = AmountField(label=_("Amount"), asset="CNY")
    reference = forms.CharField(
        label=_("Reference"), max_length=200, help_text=_("Where it can be looked up, such as a bank line.")
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class StatementForm(forms.Form):
    until_on = forms.DateField(label=_("Up to the end of"), widget=forms.DateInput(attrs={"type": "date"}))


class LocationForm(forms.Form):
    name = forms.CharField(label=_("Name of the place"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)


class IncidentForm(forms.Form):
    kind = forms.ChoiceField(label=_("What happened"), choices=PartnerIncident.Kind.choices)
    note = forms.CharField(label=_("In short"), max_length=200)


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Program"), max_length=80)


def present(terms: PartnerTerms, partner: Partner) -> dict[str, Any]:
    """The terms in force, as they are typed."""

    def amount(given: int | None) -> str:
        return values.plain(given, partner.currency) if given else ""

    return {
        "contract": terms.contract,
        "ends_on": terms.ends_on.isoformat() if terms.ends_on else "",
        "credit_limit": amount(terms.credit_limit),
        "commission": f"{Decimal(terms.commission) / A_PERCENT:.2f}",
        "most_a_day": amount(terms.most_a_day),
        "most_per_top_up": amount(terms.most_per_top_up),
        "busy_from": terms.busy_from,
    }
