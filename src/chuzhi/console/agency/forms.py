from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.console.values import AmountField
from chuzhi.organization.partners.models import Partner, PartnerLocation


class TopUpForm(forms.Form):
    amount = AmountField(label=_("Amount paid"), asset="CNY")
    location = forms.ModelChoiceField(
        label=_("Place"), queryset=PartnerLocation.objects.none(), required=False, empty_label="—", to_field_name="name"
    )
    reference = forms.CharField(label=_("Remark"), max_length=100, required=False)

    def __init__(self, *args: object, partner: Partner, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        formfields.named(self, "amount", AmountField).asset = partner.currency
        formfields.named(self, "location", forms.ModelChoiceField).queryset = partner.locations.filter(is_open=True)
        if not partner.locations.filter(is_open=True).exists():
            del self.fields["location"]


class ObjectionForm(forms.Form):
    remark = forms.CharField(label=_("What is not right"), max_length=200)
