"""What became of each field of a customer, as people read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from chuzhi.approvals import people
from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.customers import own
from chuzhi.core.actors import Actor
from chuzhi.customers import fields, history, queries
from chuzhi.customers.history import Source
from chuzhi.customers.merging import REFERENCES
from chuzhi.customers.models import FieldChange
from chuzhi.organization.models import Staff, Store
from chuzhi.payments import methods

PAGE = "console/customers/changes.html"
PAGE_SIZE = 50
LABELS: Mapping[str, Promise] = {
    "name": _("Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "identity_number": _("Identity number"),
    "born_on": _("Birthday"),
    "tags": _("Tags"),
    "external_id": _("Outside number"),
    "home_store": _("Home store"),
    "owner": _("Looked after by"),
    "favourite": _("Likes best"),
    "preferred_method": _("Prefers to pay by"),
    "till_note": _("Note to the till"),
    "notes": pgettext_lazy("about a customer", "Notes"),
}
SOURCES: Mapping[Source, Promise] = {
    Source.CONSOLE: _("Console"),
    Source.API: _("API"),
    Source.IMPORT: _("Import"),
    Source.CUSTOMER: _("The customer"),
    Source.SYSTEM: _("The product itself"),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    field: str
    before: str
    after: str
    who: str
    source: str


@staff_can("customers.view")
@require_safe
def changes(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    page = keyset.page(history.of(person, by=request.actor), ("-id",), request.GET, size=PAGE_SIZE)
    return render(request, PAGE, {"customer": person, "page": page, "lines": _lines(page.rows, request.actor)})


def _lines(rows: Iterable[FieldChange], actor: Actor) -> list[Line]:
    made = {f"{fields.COLUMN}{one.definition.key}": one for one in fields.seen(actor)}
    told = [history.told(one) for one in rows]
    names = people.names({one.by for one in told})
    called = {
        name: _called(kind, {value for one in told if one.field == name for value in (one.before, one.after)})
        for name, kind in REFERENCES.items()
    }

    def text(field: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if field == "preferred_method":
            return str(methods.LABELS.get(value, value))
        if field in made and value != history.MASK:
            return own.text(made[field], value)
        if field in called:
            return called[field].get(value, "")
        return ", ".join(value) if isinstance(value, list) else str(value)

    return [
        Line(
            at=one.at,
            field=str(made[one.field].definition.label if one.field in made else LABELS.get(one.field, one.field)),
            before=text(one.field, one.before),
            after=text(one.field, one.after),
            who=names.get(one.by, ""),
            source=str(SOURCES[one.source]),
        )
        for one in told
    ]


def _called(kind: type[Store | Staff], numbers: set[Any]) -> dict[Any, str]:
    """The names of stores or of colleagues, by number."""
    return dict(kind._default_manager.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}
