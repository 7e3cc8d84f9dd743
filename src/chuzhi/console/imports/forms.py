from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices
from chuzhi.customers.headings import WORDS
from chuzhi.wallets.models import Programme

FIELDS = {
    "name": _("Name"),
    "phone": _("Phone"),
    "card_number": _("Card number"),
    "external_id": _("Outside number"),
    "principal": _("Principal"),
    "bonus": _("Bonus"),
    "principal_on": _("Principal since"),
    "bonus_on": _("Bonus since"),
    "bonus_expires_on": _("Bonus expires"),
    "email": _("E-mail"),
    "born_on": _("Birthday"),
    "identity_number": _("Identity number"),
    "tags": _("Tags"),
    "notes": pgettext_lazy("about a customer", "Notes"),
}


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV (UTF-8 or GB18030) or XLSX, with headings in the first row."))
    programme = choices.programme(label=_("Wallets to open"))

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx", "class": "file-input"})
        self.fields["programme"].queryset = Programme.objects.filter(is_open=True, kind=Programme.Kind.MONEY)  # type: ignore[attr-defined]


class MappingForm(forms.Form):
    """Which column is which field; a field may be without one."""

    def __init__(self, *args: object, headings: Sequence[str], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        columns = [("", _("not in the file")), *((heading, heading) for heading in headings if heading)]
        for name, label in FIELDS.items():
            if name in WORDS:
                self.fields[name] = forms.ChoiceField(label=label, choices=columns, required=False)

    def mapping(self) -> dict[str, str]:
        return {name: heading for name, heading in self.cleaned_data.items() if heading}
