"""The page of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuzhi.console.access import StaffRequest
from chuzhi.console.lists import asking
from chuzhi.console.lists.asking import EDGES, Asked
from chuzhi.console.lists.columns import Cell, Column
from chuzhi.console.lists.listing import Listing
from chuzhi.console.lists.sources import MOST_COUNTED, Page, Source
from chuzhi.organization.lists import keeping, owners
from chuzhi.organization.lists.models import SavedView

R = TypeVar("R")
PAGE = "console/lists/list.html"
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading: the address sorts by it, or the other way round when it is sorted by it already."""

    column: Column[Any]
    address: str
    way: str
    """`ascending`, `descending` or nothing, as aria-sort says it."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Sequence[tuple[Column[Any], Cell]]


def show(request: StaffRequest, listing: Listing[R]) -> HttpResponse:
    """A page of what was asked for; without a word, of what this person usually looks at."""
    listing, query = listing.seen_by(request.actor), asking.plain(request.GET)
    if not request.GET and (usual := keeping.usual(request.actor, listing.name)):
        query = {"view": str(usual)}
    view, views = None, list(keeping.visible_to(request.actor, listing.name).select_related("owner", "program"))
    if chosen := query.get("view"):
        view = next((one for one in views if str(one.pk) == chosen), None)
        if view is None:
            return _without(request, listing, views, None, [])
        if lost := asking.gone(listing, view):
            return _without(request, listing, views, view, lost)
        if query == {"view": chosen} != asking.of_view(view):
            return redirect(f"{request.path}?{urlencode(asking.of_view(view))}")
    asked = asking.read(listing, query)
    context = _frame(request, asked, views, view)
    if asked.form.is_valid():
        source = asked.source(request.actor)
        edges = {edge: request.GET[edge] for edge in EDGES if edge in request.GET}
        page = source.page(asked.order, dict(asked.query) | edges, size=PAGE_SIZE)
        context |= {"lines": lines(asked, page.rows), "page": page, "said": _count(source, page), "source_note": source.note}
    part = f"{PAGE}#rows" if request.headers.get("HX-Request") == "true" else PAGE
    return render(request, part, context, status=200 if asked.form.is_valid() else 422)


def lines(asked: Asked[R], rows: Sequence[R]) -> list[Line]:
    return [Line(asked.listing.number(row), [(column, column.cell(row)) for column in asked.columns]) for row in rows]


def _frame(request: StaffRequest, asked: Asked[Any], views: Sequence[SavedView], view: SavedView | None) -> dict[str, Any]:
    """All of the page but its rows."""
    listing, fields = asked.listing, [asked.form[name] for name in asked.form.fields]
    is_mine = view is not None and owners.is_of(view, request.actor)
    return {
        "listing": listing,
        "asked": asked,
        "form": asked.form,
        "lead": [field for field in fields if field.name in asked.form.lead],
        "more": [field for field in fields if field.name not in asked.form.lead],
        "kept": [(name, said) for name, said in asked.query.items() if name in {"sort", "columns"}],
        "heads": [_head(asked, column) for column in asked.columns],
        "choices": [(column, column in asked.columns) for column in listing.columns],
        "ways": [way for way in listing.ways if request.actor.may(way.permission)],
        "views": views,
        "view": view,
        "is_mine": is_mine,
        "whose": owners.name_of(view) if view else "",
        "may_remove": view is not None and (is_mine or request.actor.may("staff.manage")),
        "usual": keeping.usual(request.actor, listing.name),
        "may_take": request.actor.may("lists.export"),
        "may_act": listing.has_acts and request.actor.may("lists.bulk"),
    }


def _head(asked: Asked[Any], column: Column[Any]) -> Head:
    if not column.order:
        return Head(column, "", "")
    is_up, is_down = asked.sort == column.name, asked.sort == f"-{column.name}"
    other = f"-{column.name}" if is_up else column.name
    return Head(column, asked.address(sort=other, view=""), "ascending" if is_up else "descending" if is_down else "")


def _count(source: Source[Any], page: Page[Any]) -> str:
    """How many match. A list that is on one page is counted already; a long one only as far as that is quick."""
    count = source.count() if page.previous or page.next else len(page.rows)
    if count is None:
        return _("Too many match to count them quickly")
    if count > MOST_COUNTED:
        return _("More than %(count)s match") % {"count": f"{MOST_COUNTED:,}"}
    return ngettext("%(count)s matches", "%(count)s match", count) % {"count": f"{count:,}"}


def _without(
    request: StaffRequest, listing: Listing[Any], views: Sequence[SavedView], view: SavedView | None, lost: list[str]
) -> HttpResponse:
    """A view that is not there, or asks for what is no longer there: no rows, rather than other rows than it means."""
    context = _frame(request, asking.read(listing, {}), views, view) | {"is_gone": True, "lost": lost}
    return render(request, PAGE, context, status=404 if view is None else 422)
