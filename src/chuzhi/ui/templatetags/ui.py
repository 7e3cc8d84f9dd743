"""Tags and filters that every page may use without loading them: see docs/ui.md."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.messages import ERROR, SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Textarea
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django_cotton.templatetags import Attrs

from chuzhi.core import money as counting

register = template.Library()

ICONS = Path(__file__).resolve().parent.parent / "icons"
DASHES = BLANK_CHOICE_DASH[0][1]
MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
THEMES = {"light": "chuzhi-light", "dark": "chuzhi-dark"}
WIDGET_CLASSES = (
    (CheckboxSelectMultiple, "choices"),
    (RadioSelect, "choices"),
    (CheckboxInput, "checkbox"),
    (Textarea, "textarea"),
    (Select, "select"),
)


@register.filter
def money(amount: int | None, currency: str) -> str:
    """Minor units as a person reads them: `¥123.45`, `−¥1.00`; nothing for no amount."""
    return "" if amount is None else counting.text(amount, currency).replace("-", MINUS)


@register.filter
def count(number: int | None) -> str:
    """How many, in groups of three: `155,848`."""
    return "" if number is None else f"{number:,}"


@register.filter
def amount_signed(amount: int | None, currency: str) -> str:
    """As `money`, and what comes in carries a plus: `+¥500.00`."""
    return f"+{money(amount, currency)}" if amount and amount > 0 else money(amount, currency)


@register.filter
def amount_plain(amount: int | None, currency: str) -> str:
    """For the value of an input or of `<data>`: `123.45`."""
    return "" if amount is None else counting.plain(amount, currency)


@register.filter
def when(moment: datetime | date | None, style: str = "short") -> str:
    """A moment in the shop's time zone. Style: `short` (date and time), `date`, `time`, `long` (with seconds), `iso`."""
    if moment is None:
        return ""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    if style == "iso":
        return moment.isoformat()
    formats = {"short": "Y-m-d H:i", "date": "Y-m-d", "time": "H:i", "long": "Y-m-d H:i:s"}
    if not isinstance(moment, datetime):
        style = "date"
    return date_format(moment, formats[style])


@register.filter
def stamp(moment: datetime | None, style: str = "short") -> str:
    """A moment in a table, which programs can read; where room is short its time stands below its day."""
    if moment is None:
        return ""
    day, _space, hour = when(moment, style).partition(" ")
    return format_html('<time datetime="{}">{} <span>{}</span></time>', when(moment, "iso"), day, hour)


@register.filter
def initials(name: str) -> str:
    """What an avatar shows: 王小明 → 小明, Ada Lovelace → AL."""
    name = re.sub(r"[（(].*?[)）]", "", name).strip() or name.strip()
    if re.match(r"[㐀-鿿]", name):
        return name[-2:]
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@register.filter
def attributes(given: Attrs) -> SafeString:
    """What a component passes on to its element: all it did not declare itself.

    Unlike cotton's own `{{ attrs }}`, every value is escaped, and False and None are left out.
    """
    return mark_safe(  # noqa: S308 - every part is escaped
        "".join(
            f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{conditional_escape(value)}"'
            for name, value in given.attrs_dict().items()
            if value is not None and value is not False
        )
    )


@cache
def drawing(name: str) -> str:
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    inner = source.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    return re.sub(r"\s*\n\s*", "", inner)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A drawing from the one set. Size: nothing, `lg`, `xl`. Silent to screen readers unless it has a label."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        f" icon-{size}" if size else "",
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        mark_safe(drawing(name)),  # noqa: S308 - a file of ours
    )


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """What was chosen, `light` or `dark`; nothing when the system decides."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def has_large_text(context: Context) -> bool:
    request = context.get("request")
    return request is not None and request.COOKIES.get("text") == "large"


@register.simple_tag
def options(groups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The inside of a select, from a widget's `optgroups`; every part is escaped."""
    parts = []
    for name, choices, _place in groups:
        parts.append(f'<optgroup label="{conditional_escape(name)}">' if name else "")
        for one in choices:
            attrs = "".join(
                f" {conditional_escape(key)}" + ("" if value is True else f'="{conditional_escape(value)}"')
                for key, value in one["attrs"].items()
                if value is not False
            )
            parts.append(f'<option value="{escape(str(one["value"]))}"{attrs}>{conditional_escape(one["label"])}</option>')
        parts.append("</optgroup>" if name else "")
    return mark_safe("\n".join(parts))  # noqa: S308 - every part is escaped


@register.simple_tag
def widget(field: BoundField, **given: object) -> SafeString:
    """A form field's element alone, in our dress and tied to its help and errors. `c-field` puts the rest around it."""
    name = next((css for kind, css in WIDGET_CLASSES if isinstance(field.field.widget, kind)), "input")
    bare = given.pop("bare", False)
    if getattr(field.field, "empty_label", None) == DASHES:
        field.field.empty_label = gettext("Choose…") if field.field.required else "—"  # type: ignore[attr-defined]  # a ModelChoiceField
    extra = str(given.pop("class", ""))
    attrs: dict[str, str | bool] = {
        key: value if value is True else str(value) for key, value in given.items() if value not in {"", None, False}
    }
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    classes = " ".join(filter(None, [str(field.field.widget.attrs.get("class", "")), "" if bare else name, extra]))
    if classes:
        attrs["class"] = classes
    return field.as_widget(attrs=attrs)


@register.filter
def is_choice(field: BoundField) -> bool:
    """Whether the label stands beside the element (one checkbox) and not above it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is several elements under one heading (radio buttons, checkboxes)."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def currency_symbol(currency: str) -> str:
    """`¥` for CNY: what stands in front of an amount being typed."""
    return re.sub(r"[\d.,\s-]", "", counting.text(0, currency)).replace(NO_BREAK_SPACE, "")


@register.filter
def tone(message: Message) -> str:
    """The look of one of Django's messages."""
    return {SUCCESS: "good", WARNING: "warn", ERROR: "bad"}.get(message.level, "info")
