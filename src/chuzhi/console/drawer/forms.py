from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.console.values import AmountField, text
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.payments.counter import rules
from chuzhi.payments.counter.models import DrawerMove


class MoneyField(forms.CharField):
    """An amount that may be nothing: `0` and an empty field are 0."""

    def __init__(self, *, currency: str = "CNY", **more: object) -> None:
        super().__init__(max_length=40, **more)  # type: ignore[arg-type]  # what CharField takes
        self.currency = currency

    def clean(self, value: object) -> int:
        given = str(value or "").strip()
        if not given.strip("0.０"):
            return 0
        return AmountField(asset=self.currency).clean(given) or 0


class PiecesField(forms.IntegerField):
    """How many there are; an empty field is none."""

    def clean(self, value: object) -> int:
        return int(super().clean(value or 0) or 0)


class OpenForm(forms.Form):
    use_required_attribute = False
    opened_with = MoneyField(label=_("Cash in the drawer"), help_text=_("The float that you begin with, counted."))

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        formfields.named(self, "opened_with", MoneyField).currency = currency


class MoveForm(forms.Form):
    way = forms.ChoiceField(
        label=_("What happens"), choices=DrawerMove.Way.choices, initial=DrawerMove.Way.OUT, widget=forms.RadioSelect
    )
    amount = AmountField(label=_("Amount"), asset="CNY")
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"list": "reasons"}))

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        formfields.named(self, "amount", AmountField).asset = currency

    def clean_way(self) -> DrawerMove.Way:
        return DrawerMove.Way(self.cleaned_data["way"])


class CountForm(forms.Form):
    """How many of each note and coin."""

    use_required_attribute = False

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        for value in rules.denominations(currency):
            self.fields[f"of_{value}"] = PiecesField(label=text(value, currency), min_value=0, max_value=rules.MOST_PIECES)
        self.fields["reason"] = forms.CharField(
            label=_("Reason for a difference"), max_length=200, required=False, help_text=_("If you know of one.")
        )

    def pieces(self) -> dict[int, int]:
        return {int(name[3:]): number for name, number in self.cleaned_data.items() if name.startswith("of_")}


class KeepingForm(forms.Form):
    use_required_attribute = False

    currency = forms.CharField(label=_("Currency of the drawer"), max_length=3, min_length=3)
    needs_shift = forms.BooleanField(label=_("Cash only while a shift is open"), required=False)
    tolerance = MoneyField(
        label=_("Difference without a reason"), help_text=_("More than this, long or short, has to be explained.")
    )
    usual_float = MoneyField(label=_("Usual float"), help_text=_("Suggested when a shift is opened."))

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        for name in ("tolerance", "usual_float"):
            formfields.named(self, name, MoneyField).currency = currency

    def clean_currency(self) -> str:
        given: str = self.cleaned_data["currency"].upper()
        try:
            money.exponent(given)
        except Refused as no:
            raise ValidationError(str(no), code=no.code) from no
        return given
