"""The declaration of one list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chuzhi.console.lists.columns import Column
from chuzhi.console.lists.sources import Source
from chuzhi.core.actors import Actor

R = TypeVar("R")


class Filters(forms.Form):
    """What may be asked of a list. Empty fields ask for nothing; fields in `lead` are always in sight."""

    lead: ClassVar[tuple[str, ...]] = ("find",)
    personal: ClassVar[frozenset[str]] = frozenset({"find"})
    """Fields in which somebody types a name or a number of a person: neither kept with a view nor written to the log."""

    def clean(self) -> dict[str, Any]:
        """`x_since` comes before `x_until`, whatever `x` is."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name, last in given.items():
            first = given.get(f"{name.removesuffix('until')}since") if name.endswith("until") else None
            if first and last and first > last:
                self.add_error(name, _("This is before the first day."))
                break
        return given


@dataclass(frozen=True, slots=True)
class Way:
    """A button at the head of the page."""

    label: str | Promise
    icon: str
    url_name: str
    permission: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says, and what one says in which nothing matches."""

    icon: str
    title: str | Promise
    note: str | Promise
    nothing: str | Promise
    hint: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """`sort` is the usual column, with a minus the other way round; `number` what an act calls a row by, if it `has_acts`."""

    name: str
    title: str | Promise
    permission: str
    url_name: str
    filters: type[Filters]
    columns: Sequence[Column[R]]
    find: Callable[[Mapping[str, Any], Actor], Source[R]]
    sort: str
    empty: Empty
    note: str | Promise = ""
    ways: Sequence[Way] = ()
    has_acts: bool = False
    number: Callable[[R], int] = field(default=lambda _row: 0)
    more: Callable[[Actor], Sequence[Column[R]]] = field(default=lambda _actor: ())
    """Columns that are not in the code but in the database, as far as somebody may see them."""

    def seen_by(self, actor: Actor) -> "Listing[R]":
        """The list with all the columns that this actor can choose."""
        return replace(self, columns=(*self.columns, *self.more(actor)))

    def column(self, name: str) -> Column[R] | None:
        return next((column for column in self.columns if column.name == name), None)

    def order(self, sort: str) -> tuple[str, ...]:
        """As the database orders: the column's fields, turned for a minus."""
        column = self.column(sort.removeprefix("-"))
        fields = column.order if column else ()
        return tuple(_turned(name) for name in fields) if sort.startswith("-") else fields


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
