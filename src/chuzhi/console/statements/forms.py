from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console.choices import Named
from chuzhi.payments.bank import queries
from chuzhi.payments.bank.models import BankLine


class StatementForm(forms.Form):
    account = Named(label=_("Bank account"), queryset=queries.accounts())
    file = forms.FileField(
        label=_("Statement file"), help_text=_("As the bank exports it: CSV or XLSX with headings, camt.053 (XML) or MT940.")
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx,.xml,.sta,.940,.mt940", "class": "file-input"})
        known = list(queries.accounts()[:2])
        if len(known) == 1:
            self.fields["account"].initial = known[0].pk


class AssignForm(forms.Form):
    payment = forms.CharField(
        label=_("Number of the payment"), max_length=32, help_text=_("As it stands in the list of payments.")
    )


class CloseForm(forms.Form):
    ending = forms.ChoiceField(
        label=_("What became of the money"), choices=BankLine.Ending.choices, widget=forms.RadioSelect,
        initial=BankLine.Ending.GIVEN_BACK,
    )  # fmt: skip
    remark = forms.CharField(
        label=_("Remark"), max_length=200, help_text=_("For the books, such as the number of the transfer back.")
    )

    def clean_ending(self) -> BankLine.Ending:
        return BankLine.Ending(self.cleaned_data["ending"])
