from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import choices, formfields
from chuzhi.console.customers.merging import WHY
from chuzhi.customers import fields
from chuzhi.customers.alike import Choice
from chuzhi.customers.duplicates import Why
from chuzhi.customers.headings import WORDS
from chuzhi.customers.likenesses import Likeness
from chuzhi.wallets.models import Programme

FIELDS = {
    "name": _("Name"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "phone": _("Phone"),
    "card_number": _("Card number"),
    "external_id": _("Outside number"),
    "principal": _("Principal"),
    "bonus": _("Bonus"),
    "principal_on": _("Principal since"),
    "principal_expires_on": _("Principal expires"),
    "bonus_on": _("Bonus since"),
    "bonus_expires_on": _("Bonus expires"),
    "email": _("E-mail"),
    "born_on": _("Birthday"),
    "identity_number": _("Identity number"),
    "tags": _("Tags"),
    "notes": pgettext_lazy("about a customer", "Notes"),
    "favourite": _("Likes best"),
    "preferred_method": _("Prefers to pay by"),
    "till_note": _("Note to the till"),
    "currency": _("Currency"),
}


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV (UTF-8 or GB18030) or XLSX, with headings in the first row."))
    programme = choices.programme(label=_("Wallets to open"))

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx", "class": "file-input"})
        formfields.named(self, "programme", forms.ModelChoiceField).queryset = Programme.objects.filter(
            is_open=True, kind=Programme.Kind.MONEY
        )


class MappingForm(forms.Form):
    """Which column is which field; a field may be without one."""

    def __init__(self, *args: object, headings: Sequence[str], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        columns = [("", _("not in the file")), *((heading, heading) for heading in headings if heading)]
        for name, label in FIELDS.items():
            if name in WORDS:
                self.fields[name] = forms.ChoiceField(label=label, choices=columns, required=False)
        for key, one in fields.in_use().items():
            name = f"{fields.COLUMN}{key}"
            self.fields[name] = forms.ChoiceField(label=str(one.label), choices=columns, required=False)

    def mapping(self) -> dict[str, str]:
        return {name: heading for name, heading in self.cleaned_data.items() if heading}


class ChoicesForm(forms.Form):
    """What is done with each row that may be of somebody who is here already, and with all others that wait."""

    others = forms.ChoiceField(label=_("All that are not chosen here"), required=False)

    def __init__(self, *args: object, likes: Sequence[Likeness], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.likes = likes
        formfields.named(self, "others", forms.ChoiceField).choices = Choice.choices
        for each in likes:
            open_to = [one for one in Choice.choices if one[0] != Choice.UPDATE or each.like.customer_id]
            label = _("Line %(line)s") % {"line": each.like.line}
            self.fields[str(each.like.line)] = forms.ChoiceField(
                label=label,
                choices=open_to,
                required=False,
                initial=each.like.choice,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def rows(self) -> list[tuple[Likeness, object, forms.BoundField]]:
        return [(each, WHY[Why(each.like.why)], self[str(each.like.line)]) for each in self.likes]

    def said(self) -> dict[int, Choice]:
        given = {each.like.line: self.cleaned_data[str(each.like.line)] for each in self.likes}
        return {line: Choice(choice) for line, choice in given.items() if choice}

    def of_others(self) -> Choice:
        return Choice(self.cleaned_data["others"])
