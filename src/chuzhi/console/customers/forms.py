import re

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices, formfields
from chuzhi.console.customers import own
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import fields, profiles
from chuzhi.customers.models import Customer
from chuzhi.organization import staff
from chuzhi.organization.models import Staff
from chuzhi.payments import methods

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
    "customer.favourite_invalid": "favourite",
    "customer.method_unknown": "preferred_method",
    "customer.till_note_invalid": "till_note",
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
    owner = choices.colleague(label=_("Looked after by"), required=False)
    favourite = forms.CharField(label=_("Likes best"), max_length=profiles.LONGEST_FAVOURITE, required=False)
    preferred_method = forms.ChoiceField(label=_("Prefers to pay by"), required=False)
    till_note = forms.CharField(
        label=_("Note to the till"), max_length=profiles.LONGEST_TILL_NOTE, required=False,
        help_text=_("Shown to whoever serves this customer."),
    )  # fmt: skip
    notes = forms.CharField(
        label=pgettext_lazy("about a customer", "Notes"), max_length=profiles.LONGEST_NOTES, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(
        self, *args: object, by: Actor, person: Customer | None = None, masked: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.person, self.masked = person, masked or {}
        ways = [("", "—"), *((name, methods.LABELS[name]) for name in profiles.METHODS)]
        formfields.named(self, "preferred_method", forms.ChoiceField).choices = ways
        if person and person.owner_id:  # who has left stays until somebody hands over
            owners = staff.at_work() | Staff.objects.filter(pk__in=[person.owner_id])
            formfields.named(self, "owner", forms.ModelChoiceField).queryset = owners
        self.own = fields.seen(by)
        self.fields |= own.inputs(self.own, person)
        for name, shown in self.masked.items():
            self.fields[name].help_text = _("Now %(shown)s. Empty: it stays.") % {"shown": shown}

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in re.split(r"[,，;；、]", self.cleaned_data["tags"]) if tag.strip()]

    def clean(self) -> dict[str, object]:
        said = dict(self.cleaned_data)
        for name in self.masked:
            if not said.get(name):
                said.pop(name, None)
        custom = own.said(self, self.own, self.person) if not self.errors else {}
        return {name: value for name, value in said.items() if not name.startswith(own.PREFIX)} | {"custom": custom}

    def refuse(self, no: Refused) -> None:
        if not own.refuse(self, no):
            self.add_error(FIELD_OF_REFUSAL.get(no.code), str(no))
