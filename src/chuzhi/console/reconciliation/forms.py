from datetime import date

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from chuzhi.console.choices import Named
from chuzhi.finance import terminals
from chuzhi.finance.rules import Fix

EARLIEST = date(2000, 1, 1)


class FixForm(forms.Form):
    act = forms.ChoiceField(choices=[(each.value, each.value) for each in Fix])
    remark = forms.CharField(label=_("What was found"), max_length=200)


class SettlementForm(forms.Form):
    account = Named(label=_("Acquirer"), queryset=terminals.accounts())
    file = forms.FileField(
        label=_("Settlement file"),
        help_text=_("As the acquirer hands it out: CSV or XLSX with headings, in UTF-8 or GB18030."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx", "class": "file-input"}),
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        known = list(terminals.accounts()[:2])
        if len(known) == 1:
            self.fields["account"].initial = known[0].pk


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Why it is opened again"), max_length=200)


class OnForm(forms.Form):
    on = forms.DateField(
        label=_("Day"),
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
