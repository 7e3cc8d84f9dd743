from django import forms
from django.utils.translation import gettext_lazy as _


class TakeForm(forms.Form):
    """Whose wallet a gift goes into. The name counts only for somebody who is new, and is asked of everybody."""

    use_required_attribute = False
    phone = forms.CharField(
        label=_("Phone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("At the till you spend it by this number."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    agrees = forms.BooleanField(
        label=_("I agree that my name and number are kept, so that the balance is found when I spend it.")
    )
