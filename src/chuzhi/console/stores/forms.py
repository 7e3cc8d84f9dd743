from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices


class AddStoreForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Short, for receipts and files: letters, digits and hyphens.")
    )
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    time_zone = forms.CharField(label=_("Time zone"), max_length=40, initial="Asia/Shanghai")
    pack = forms.ChoiceField(
        label=_("Rule pack"), choices=choices.packs, help_text=_("Whose limits and refunds hold in this store.")
    )


class StoreForm(AddStoreForm):
    """Its rule pack is chosen on a page of its own, which tells whom it concerns."""

    pack = None  # type: ignore[assignment]  # how a form leaves out what it inherits
    is_open = forms.BooleanField(label=_("Open for business"), required=False)


class PackForm(forms.Form):
    pack = forms.ChoiceField(label=_("Rule pack"), choices=choices.packs)


class AddTillForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=40)


class TillForm(AddTillForm):
    is_open = forms.BooleanField(label=_("In use"), required=False)
