"""What somebody asks of a list, read from an address: filters, columns, an order, or a view that was saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import formats
from django.utils.translation import gettext as _

from chuzhi.console.lists.columns import Column
from chuzhi.console.lists.listing import Filters, Listing
from chuzhi.console.lists.sources import Source
from chuzhi.core.actors import Actor
from chuzhi.organization.lists.models import SavedView

R = TypeVar("R")
EDGES = ("after", "before")
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Asked(Generic[R]):
    """`query` holds what was asked for, a text for each name, without the place in the pages."""

    listing: Listing[R]
    query: Mapping[str, str]
    form: Filters
    columns: Sequence[Column[R]]
    sort: str

    @property
    def filters(self) -> dict[str, str]:
        return {name: said for name, said in self.query.items() if name in self.form.fields}

    @property
    def to_keep(self) -> dict[str, str]:
        """Filters without what is typed to find one person."""
        return {name: said for name, said in self.filters.items() if name not in self.form.personal}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters)

    @property
    def is_narrowed_more(self) -> bool:
        """By a filter that is folded away when nothing is asked of it."""
        return any(name not in self.form.lead for name in self.filters)

    @property
    def order(self) -> tuple[str, ...]:
        return self.listing.order(self.sort)

    @cached_property
    def words(self) -> list[tuple[str, str]]:
        """The filters as people read them."""
        return [(str(self.form.fields[name].label), self._said(name)) for name in self.filters]

    def address(self, **other: str) -> str:
        """This list, asked otherwise; an empty text takes a name away."""
        said = {name: value for name, value in (dict(self.query) | other).items() if value}
        return f"?{urlencode(said)}" if said else "?view="

    def source(self, actor: Actor) -> Source[R]:
        """A list is also told what its columns need."""
        needs = frozenset(column.needs for column in self.columns)
        return self.listing.find(self.form.cleaned_data | {"needs": needs}, actor)

    def _said(self, name: str) -> str:
        """A choice by its label, a day as it is written here, anything else as it was typed."""
        given, shown = self.form.cleaned_data.get(name), self.query[name]
        choices: dict[str, Any] = {str(value): label for value, label in getattr(self.form.fields[name], "choices", [])}
        if shown in choices:
            return str(choices[shown])
        return str(formats.localize(given)) if hasattr(given, "year") else shown


def plain(given: QueryDict) -> dict[str, str]:
    """One text for each name: columns that were ticked one by one are joined."""
    query = {name: str(given[name]).strip()[:LONGEST_VALUE] for name in given if name not in EDGES}
    if "columns" in given:
        query["columns"] = ",".join(given.getlist("columns"))
    return {name: said for name, said in query.items() if said}


def read(listing: Listing[R], query: Mapping[str, str]) -> Asked[R]:
    """Columns and orders that are not there are as if nothing was said; what is wrong in a filter stands in its form."""
    named = query.get("columns", "").split(",")
    chosen = [column for column in listing.columns if column.name in named]
    sort = query.get("sort", "")
    form = listing.filters({name: said for name, said in query.items() if name in listing.filters.base_fields})
    return Asked(
        listing,
        query,
        form,
        chosen or [column for column in listing.columns if column.is_usual],
        sort if listing.order(sort) else listing.sort,
    )


def of_view(view: SavedView) -> dict[str, str]:
    looks = {"columns": ",".join(view.columns), "sort": view.sort, "view": str(view.pk)}
    return {name: said for name, said in (view.filters | looks).items() if said}


def gone(listing: Listing[Any], view: SavedView) -> list[str]:
    """What a view asks for that the list no longer knows, as it can be told."""
    lost = [name for name in view.filters if name not in listing.filters.base_fields]
    lost += [name for name in view.columns if listing.column(name) is None]
    form = read(listing, of_view(view)).form
    for name in form.errors:
        field = form.fields.get(name)
        lost.append(_("%(field)s: %(said)s") % {"field": field.label if field else name, "said": view.filters.get(name, "")})
    return lost
