"""Pages that stay where they are while rows come and go: each begins after the last row of the one before, by its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    rows: list[M]
    previous: str
    next: str
    """Addresses (`?after=…`), or nothing."""


def page(rows: QuerySet[M], order: Sequence[str], asked: Mapping[str, str], *, size: int) -> Page[M]:
    """Rows after (`?after=`) or before (`?before=`) a row, in an order that ends in `id` or `-id`."""
    after, before = asked.get("after", ""), asked.get("before", "")
    turned = before.isdecimal()
    edge = before if turned else after
    wanted = rows.order_by(*(_turned(order) if turned else order))
    if edge.isdecimal():
        wanted = _beyond(wanted, rows, _turned(order) if turned else order, int(edge))
    some = list(wanted[: size + 1])
    is_more, some = len(some) > size, some[:size]
    if turned:
        some.reverse()
    has_next, has_previous = (True, is_more) if turned else (is_more, bool(edge))
    return Page(
        some,
        _address(asked, "before", some[0].pk) if has_previous and some else "",
        _address(asked, "after", some[-1].pk) if has_next and some else "",
    )


def _beyond(wanted: QuerySet[M], rows: QuerySet[M], order: Sequence[str], edge: int) -> QuerySet[M]:
    """Rows that come after the edge row; if it is gone, the first ones again.

    That the first column is not before the edge's follows from the rest, and is what an index can begin at.
    """
    names = [name.removeprefix("-") for name in order]
    values = rows.model._default_manager.filter(pk=edge).values_list(*names).first()
    if values is None:
        return wanted
    condition, same = Q(), Q()
    for name, value, column in zip(order, values, names, strict=True):
        way = "lt" if name.startswith("-") else "gt"
        condition |= same & Q(**{f"{column}__{way}": value})
        same &= Q(**{column: value})
    reach = "lte" if order[0].startswith("-") else "gte"
    return wanted.filter(condition, **{f"{names[0]}__{reach}": values[0]})


def _turned(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _address(asked: Mapping[str, str], edge: str, number: object) -> str:
    kept = {name: value for name, value in asked.items() if name not in {"after", "before"} and value}
    return f"?{urlencode(kept | {edge: str(number)})}"
