"""The shop's own fields as columns of the customers' list."""

from collections.abc import Callable
from typing import Any

from django.utils.text import Truncator

from chuzhi.console.customers import own
from chuzhi.console.lists.columns import Cell, Column
from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.customers import fields, history
from chuzhi.customers.fields import COLUMN, Seen
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind

LONGEST_SHOWN = 80
FIGURES = {Kind.MONEY: "amount", Kind.WHOLE: "amount", Kind.DECIMAL: "amount", Kind.DAY: "figure", Kind.PHONE: "figure"}


def of(actor: Actor) -> list[Column[Customer]]:
    """Those that the actor sees, in the order of a customer's page; none is shown until somebody chooses it."""
    return [_column(one) for one in fields.seen(actor)]


def _column(one: Seen) -> Column[Customer]:
    """A personal value is masked; in a file it stands whole for those who may see personal details."""
    cell, whole = (_masked(one), _whole(one)) if one.definition.is_personal else (_open(one), None)
    return Column(
        f"{COLUMN}{one.definition.key}", str(one.definition.label), cell, is_usual=False, whole=whole,
        shape=FIGURES.get(one.definition.kind, ""), needs="custom_sealed" if one.definition.is_personal else "",
    )  # fmt: skip


def _open(one: Seen) -> Callable[[Customer], Cell]:
    def cell(person: Customer) -> Cell:
        value = person.custom_open.get(one.definition.key)
        if value is None:
            return Cell()
        href = value if one.definition.kind is Kind.LINK else ""
        return Cell(Truncator(own.text(one, value)).chars(LONGEST_SHOWN), href, plain=_plain(one, value))

    return cell


def _masked(one: Seen) -> Callable[[Customer], Cell]:
    return lambda person: Cell("" if person.custom.sealed.get(one.definition.key) is None else history.MASK)


def _whole(one: Seen) -> Callable[[Customer], str]:
    def whole(person: Customer) -> str:
        value = person.custom.sealed.get(one.definition.key)
        return "" if value is None else _plain(one, value)

    return whole


def _plain(one: Seen, value: Any) -> str:
    """For a file: figures that can be added up, days that can be sorted, anything else as people read it."""
    match one.definition.kind:
        case Kind.MONEY:
            return money.plain(value, one.definition.currency)
        case Kind.DAY:
            return str(value)
    return own.text(one, value)
