"""The shop's own fields on pages: as inputs of a form, and as a person reads their values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from chuzhi.core.errors import Refused
from chuzhi.customers import history, rules
from chuzhi.customers.field_models import HoldsValues
from chuzhi.customers.fields import Seen
from chuzhi.customers.rules import CHOSEN, Kind
from chuzhi.ui.templatetags import ui

PREFIX = "custom_"


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    label: object
    text: str
    href: str
    is_masked: bool


def shown(holder: HoldsValues, seen: Iterable[Seen], revealed: Mapping[str, Any]) -> list[Shown]:
    """The fields that hold something, in order; what is personal masked unless it is revealed."""
    values = holder.custom.all
    return [
        Shown(
            key=one.definition.key,
            label=one.definition.label,
            text=history.MASK if _is_masked(one, revealed) else text(one, values[one.definition.key]),
            href=values[one.definition.key] if one.definition.kind is Kind.LINK and not one.definition.is_personal else "",
            is_masked=_is_masked(one, revealed),
        )
        for one in seen
        if one.definition.key in values
    ]


def _is_masked(one: Seen, revealed: Mapping[str, Any]) -> bool:
    return one.definition.is_personal and one.definition.key not in revealed


def text(one: Seen, value: Any) -> str:
    """A value in the reader's language."""
    match one.definition.kind:
        case Kind.MONEY:
            return ui.money(value, one.definition.currency)
        case Kind.DAY:
            return ui.when(date.fromisoformat(value), "date")
        case Kind.YES_NO:
            return _("yes") if value else _("no")
        case kind if kind in CHOSEN:
            chosen = value if isinstance(value, list) else [value]
            return ", ".join(str(one.names.get(key, key)) for key in chosen)
    return str(value)


def inputs(seen: Iterable[Seen], holder: HoldsValues | None) -> dict[str, forms.Field]:
    """One input for each field, holding what is known; a personal value only says that there is one."""
    held = holder.custom.all if holder else {}
    return {f"{PREFIX}{one.definition.key}": _input(one, held.get(one.definition.key)) for one in seen}


def said(form: forms.Form, seen: Iterable[Seen], holder: HoldsValues | None) -> dict[str, object]:
    """What the inputs of a form say, of an existing customer only what they change. What cannot be read is refused in its place."""
    held, given = holder.custom.all if holder else {}, form.cleaned_data
    found: dict[str, object] = {}
    for one in seen:
        definition, typed = one.definition, given.get(f"{PREFIX}{one.definition.key}") or ""
        if definition.is_personal and not typed and definition.key in held:
            continue
        before = rules.plain(definition, held.get(definition.key))
        now = ", ".join(typed) if isinstance(typed, list) else typed
        if holder is None or now != before:
            try:
                found[definition.key] = rules.read(definition, now)
            except Refused as no:
                form.add_error(f"{PREFIX}{definition.key}", str(no))
    return found


def refuse(form: forms.Form, no: Refused) -> bool:
    """Whether the refusal is about one of these fields, and stands there now."""
    name = f"{PREFIX}{no.facts.get('field', '')}"
    if name in form.fields:
        form.add_error(name, str(no))
        return True
    return False


def _input(one: Seen, value: Any) -> forms.Field:
    definition = one.definition
    is_held = definition.is_personal and value is not None
    help_text = _("Now %(shown)s. Empty: it stays.") % {"shown": history.MASK} if is_held else str(one.field.help)
    same: dict[str, Any] = {
        "label": str(definition.label),
        "required": definition.is_required and not is_held,
        "help_text": help_text,
        "initial": None if definition.is_personal else rules.plain(definition, value),
    }
    if definition.kind in CHOSEN:
        return _chooser(one, value, same)
    if definition.kind is Kind.YES_NO:
        return forms.ChoiceField(choices=[("", "—"), ("yes", _("yes")), ("no", _("no"))], **same)
    widget: forms.Widget = forms.TextInput()
    if definition.kind is Kind.LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": 3})
    elif definition.kind is Kind.DAY:
        widget = forms.DateInput(attrs={"type": "date"})
    elif definition.kind in {Kind.WHOLE, Kind.DECIMAL, Kind.MONEY}:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
    if definition.kind is Kind.MONEY:
        same["label"] = f"{definition.label} ({definition.currency})"
    return forms.CharField(widget=widget, max_length=rules.LONGEST_TEXT, **same)


def _chooser(one: Seen, value: Any, same: dict[str, Any]) -> forms.Field:
    """What can be chosen, and what was chosen while it could be."""
    definition = one.definition
    held = [] if value is None or definition.is_personal else value if isinstance(value, list) else [value]
    offered = {**definition.options, **{key: one.names.get(key, key) for key in held}}
    choices = [(key, str(label)) for key, label in offered.items()]
    if definition.kind is Kind.CHOICES:
        many: Any = {**same, "initial": held}
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **many)
    return forms.ChoiceField(choices=[("", "—"), *choices], **same)
