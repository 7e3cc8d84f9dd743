from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.topups.models import Mandate


class MandateForm(forms.Form):
    """What the customer agrees to. Nothing is ticked beforehand."""

    trigger = forms.ChoiceField(
        label=pgettext_lazy("trigger", "When"), choices=Mandate.Trigger.choices, widget=forms.RadioSelect
    )
    day = forms.IntegerField(label=_("Day of the month"), min_value=1, max_value=31, required=False)
    floor = forms.CharField(label=_("Below this balance"), max_length=40, required=False)
    amount = forms.CharField(label=_("Top up by"), max_length=40)
    most_a_month = forms.CharField(label=_("At most in a month"), max_length=40)
    agrees = forms.BooleanField(label=_("I have read this and agree"))

    def __init__(self, *args: object, currency: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.currency = currency

    def clean(self) -> dict[str, Any]:
        """Amounts in minor units, and only the field that the chosen trigger needs."""
        cleaned = super().clean() or {}
        is_monthly = cleaned.get("trigger") == Mandate.Trigger.MONTHLY
        needed = ["amount", "most_a_month"] if is_monthly else ["amount", "most_a_month", "floor"]
        for name in needed:
            self._parse(cleaned, name)
        if is_monthly and not cleaned.get("day"):
            self.add_error("day", ValidationError(_("Choose a day."), code="required"))
        cleaned.update({"floor": None} if is_monthly else {"day": None})
        return cleaned

    def _parse(self, cleaned: dict[str, Any], name: str) -> None:
        given = cleaned.get(name)
        if not given:
            if name not in self.errors:
                self.add_error(name, ValidationError(_("Enter an amount."), code="required"))
            return
        try:
            cleaned[name] = money.parse(given, self.currency)
        except Refused as no:
            self.add_error(name, str(no))
