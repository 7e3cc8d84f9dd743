from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.core.errors import Refused
from chuzhi.customers.field_models import CustomField, CustomModule
from chuzhi.customers.fields import LONGEST_HELP, LONGEST_LABEL, Option
from chuzhi.organization.roles import PERMISSIONS

SEERS = ("customers.reveal", "risk.view", "wallets.freeze", "audit.view")
FIELD_OF_REFUSAL = {
    "field.key_invalid": "key",
    "field.key_taken": "key",
    "field.options_invalid": "options",
    "field.permission_unknown": "seen_by",
    "currency.unknown": "currency",
}


class ShapeForm(forms.Form):
    """What can be changed of a field at any time."""

    label_zh = forms.CharField(label=_("Label in Chinese"), max_length=LONGEST_LABEL)
    label_en = forms.CharField(label=_("Label in English"), max_length=LONGEST_LABEL)
    help_zh = forms.CharField(label=_("Help in Chinese"), max_length=LONGEST_HELP, required=False)
    help_en = forms.CharField(label=_("Help in English"), max_length=LONGEST_HELP, required=False)
    options = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For choices, a line each: gold | 金卡 | Gold. A choice that is taken away stays where it was chosen."),
    )  # fmt: skip
    seen_by = forms.ChoiceField(label=_("Seen by"), required=False)
    place = forms.IntegerField(label=_("Place in the order"), min_value=0, max_value=9999, initial=0)
    is_required = forms.BooleanField(label=_("Required of new customers, on pages and by the API"), required=False)

    def __init__(self, *args: Any, module: CustomModule | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if module:
            self.fields["is_required"].label = _("Required of new records, on pages and by the API")
        seers = [("", _("Whoever sees customers")), *((name, PERMISSIONS[name]) for name in SEERS)]
        formfields.named(self, "seen_by", forms.ChoiceField).choices = seers

    def clean_options(self) -> list[Option]:
        found: list[Option] = []
        for line in filter(None, map(str.strip, self.cleaned_data["options"].splitlines())):
            parts = [part.strip() for part in line.replace("｜", "|").split("|")]
            if len(parts) != 3:
                raise forms.ValidationError(_("“%(line)s” does not read like: gold | 金卡 | Gold."), params={"line": line[:60]})
            found.append((parts[0], parts[1], parts[2]))
        return found

    def refuse(self, no: Refused) -> None:
        name = FIELD_OF_REFUSAL.get(no.code)
        self.add_error(name if name in self.fields else None, str(no))


class FieldForm(ShapeForm):
    """With what stays as it is made."""

    key = forms.CharField(
        label=_("Key"), max_length=60,
        help_text=_("Small letters, digits and underscores: what programs and files call it. It stays."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomField.Kinds.choices, help_text=_("It stays."))
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, initial="CNY", help_text=_("Of an amount of money.")
    )
    is_personal = forms.BooleanField(
        label=_("Personal: sealed, masked, each look is kept, cannot be filtered by"), required=False
    )
    field_order = ("key", "kind", "label_zh", "label_en", "help_zh", "help_en", "options", "currency")
