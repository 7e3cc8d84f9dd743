from django import forms
from django.utils.translation import gettext_lazy as _


class AddStoreForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Short, for receipts and files: letters, digits and hyphens.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    time_zone = forms.CharField(label=_("Time zone"), max_length=40, initial="Asia/Shanghai")


class StoreForm(AddStoreForm):
    is_open = forms.BooleanField(label=_("Open for business"), required=False)


class AddTillForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40)


class TillForm(AddTillForm):
    is_open = forms.BooleanField(label=_("In use"), required=False)
