from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_DAY = {"type": "date"}
_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class OpenForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=_PLAIN))


class NumberForm(forms.Form):
    use_required_attribute = False
    number = forms.CharField(label=_("Card number"), max_length=60, widget=forms.TextInput(attrs=_PLAIN))


class CodeForm(forms.Form):
    use_required_attribute = False
    code = forms.CharField(label=_("Code"), max_length=60, widget=forms.TextInput(attrs=_PLAIN))


class DaysForm(forms.Form):
    """The days of a statement; empty, the last thirty."""

    since = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs=_DAY))

    def days(self) -> tuple[date, date]:
        until = self.cleaned_data.get("until") or timezone.localdate()
        return self.cleaned_data.get("since") or until - timedelta(days=29), until
