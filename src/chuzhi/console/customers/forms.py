import re

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices
from chuzhi.core.errors import Refused
from chuzhi.customers.profiles import LONGEST_NOTES

FIELD_OF_REFUSAL = {
    "customer.name_invalid": "name",
    "customer.phone_invalid": "phone",
    "customer.phone_taken": "phone",
    "customer.email_invalid": "email",
    "customer.birthday_invalid": "born_on",
    "customer.birthday_future": "born_on",
    "customer.birthday_too_early": "born_on",
    "customer.tag_invalid": "tags",
    "customer.notes_too_long": "notes",
    "customer.external_id_invalid": "external_id",
    "customer.external_id_taken": "external_id",
}


class CustomerForm(forms.Form):
    """What is said about a customer. A field that was shown masked and is left empty stays as it is."""

    name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    born_on = forms.CharField(label=_("Birthday"), max_length=20, required=False, help_text=_("Like 1990-05-31."))
    tags = forms.CharField(label=_("Tags"), max_length=1000, required=False, help_text=_("Separated by commas."))
    external_id = forms.CharField(label=_("Outside number"), max_length=64, required=False)
    home_store = choices.store(label=_("Home store"), required=False)
    notes = forms.CharField(
        label=pgettext_lazy("about a customer", "Notes"), max_length=LONGEST_NOTES, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: object, masked: dict[str, str] | None = None, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.masked = masked or {}
        for name, shown in self.masked.items():
            self.fields[name].help_text = _("Now %(shown)s. Empty: it stays.") % {"shown": shown}

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in re.split(r"[,，;；、]", self.cleaned_data["tags"]) if tag.strip()]

    def clean(self) -> dict[str, object]:
        said = dict(self.cleaned_data)
        for name in self.masked:
            if not said.get(name):
                said.pop(name, None)
        return said

    def refuse(self, no: Refused) -> None:
        self.add_error(FIELD_OF_REFUSAL.get(no.code), str(no))
