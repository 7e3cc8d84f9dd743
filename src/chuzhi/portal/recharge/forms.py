from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused


class AmountForm(forms.Form):
    """How much to top up, in the wallet's currency."""

    amount = forms.CharField(label=_("Amount"), max_length=40)

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.currency = currency

    def clean_amount(self) -> int:
        try:
            return money.parse(self.cleaned_data["amount"], self.currency)
        except Refused as no:
            raise ValidationError(str(no), code=no.code) from no
