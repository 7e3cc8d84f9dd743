"""One row of a file of customers: what its cells say, each in the form that is kept, and every reason against it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chuzhi.core.errors import Refused
from chuzhi.customers import cells, contacts, fields, headings, names, profiles, rules
from chuzhi.customers.row_errors import BonusExpired, DateFuture, KeyMissing, PrincipalExpired, RowTooLong
from chuzhi.customers.rules import Definition, Values
from chuzhi.customers.sheets import Sheet

AMOUNTS = frozenset({"principal", "bonus"})
NAMES = frozenset({"name", "given_name", "family_name"})
DAYS = frozenset({"principal_on", "principal_expires_on", "bonus_on", "bonus_expires_on", "born_on"})


@dataclass(frozen=True, slots=True)
class Opening:
    """The value that a row brings. Amounts in minor units; 0 is none."""

    principal: int = 0
    bonus: int = 0
    principal_on: date | None = None
    bonus_on: date | None = None
    bonus_expires_on: date | None = None
    principal_expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken in."""

    line: int
    given: profiles.Given  # only what the row says, in the form that is kept
    card_number: str | None
    opening: Opening

    @property
    def keys(self) -> list[tuple[str, str]]:
        """What the row is known by, each with its kind."""
        known_by = (
            ("phone", self.given.get("phone")),
            ("external_id", self.given.get("external_id")),
            ("card", self.card_number),
        )
        return [(kind, value) for kind, value in known_by if value]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the cells of a row mean."""

    places: Mapping[str, int]  # field -> column
    width: int
    currency: str
    today: date
    own: Mapping[str, Definition]
    minor: frozenset[str]  # fields whose amounts are written in minor units
    days: str  # how 05/06/2026 is meant


def laid_out(sheet: Sheet, places: Mapping[str, int], currency: str, today: date, own: Mapping[str, Definition]) -> Layout:
    columns = [place for field, place in places.items() if field in DAYS]
    written = (cells[place] for _line, cells in sheet.rows for place in columns if place < len(cells))
    kit = headings.kit(sheet.headings)
    minor = frozenset(field for field in AMOUNTS & places.keys() if headings.in_minor_units(sheet.headings[places[field]]))
    return Layout(places, len(sheet.headings), currency, today, own, minor, cells.day_order(written, kit.days if kit else ""))


def read(line: int, row_cells: tuple[str, ...], layout: Layout) -> tuple[Row, tuple[tuple[str, Refused], ...]]:
    """The row, and every reason against it: a row with reasons is not to be used."""
    reasons: list[tuple[str, Refused]] = []
    given, others, custom = profiles.Given(), dict[str, Any](), Values()
    for name, text in _said(row_cells, layout.places).items():
        try:
            if name == "currency":
                cells.check_currency(text, layout.currency)
            elif one := layout.own.get(name.removeprefix(fields.COLUMN)) if name.startswith(fields.COLUMN) else None:
                custom |= rules.checked({one.key: rules.read(one, text)}, layout.own)
            elif name in PERSONAL:
                given[name] = PERSONAL[name](text, layout)  # type: ignore[literal-required]  # its own keys
            else:
                others[name] = _value(name, text, layout)
        except Refused as no:
            reasons.append((name, no))
    if custom.all:
        given["custom"] = custom
    row = Row(line, given, others.pop("card_number", None), Opening(**others))
    if any(row_cells[layout.width :]):
        reasons.append(("", RowTooLong()))
    if not reasons and not row.keys:
        reasons.append(("", KeyMissing()))
    return row, (*reasons, *_against(row.opening, layout.today))


def _said(row_cells: tuple[str, ...], places: Mapping[str, int]) -> dict[str, str]:
    """Field -> what its cell says. Where a table has names at all every row must; one in two parts is put together."""
    said = {"name": ""} if not places.keys().isdisjoint(NAMES) else {}
    said |= {name: text for name, place in places.items() if place < len(row_cells) and (text := row_cells[place])}
    said = {name: text for name, text in said.items() if text not in cells.DASHES}
    if parts := names.joined(said.pop("given_name", ""), said.pop("family_name", "")):
        said["name"] = parts
    return said


PERSONAL: Mapping[str, Callable[[str, Layout], Any]] = {
    "name": lambda text, _layout: names.clean(text),
    "phone": lambda text, _layout: contacts.phone(cells.number(text)),
    "email": lambda text, _layout: contacts.email(text),
    "identity_number": lambda text, _layout: contacts.identity_number(cells.number(text)),
    "born_on": lambda text, layout: contacts.birthday(cells.written_day(text, layout.days), today=layout.today),
    "notes": lambda text, _layout: profiles.notes(text),
    "tags": lambda text, _layout: profiles.tags([tag for tag in re.split(r"[,，;；、|]", text) if tag.strip()]),
    "external_id": lambda text, _layout: profiles.external_id(cells.number(text)),
    "favourite": lambda text, _layout: profiles.favourite(text),
    "preferred_method": lambda text, _layout: profiles.preferred_method(cells.method(text)),
    "till_note": lambda text, _layout: profiles.till_note(text),
}
"""How what a cell says of a person is kept."""


def _value(name: str, text: str, layout: Layout) -> object:
    """What a cell says that is not about the person: a card, an amount or a day."""
    if name == "card_number":
        return cells.card(text)
    if name in AMOUNTS:
        return cells.amount(text, layout.currency, is_minor=name in layout.minor)
    return cells.day(text, layout.days)


def _against(opening: Opening, today: date) -> Sequence[tuple[str, Refused]]:
    reasons: list[tuple[str, Refused]] = []
    if opening.principal_on and opening.principal_on > today:
        reasons.append(("principal_on", DateFuture()))
    if opening.bonus_on and opening.bonus_on > today:
        reasons.append(("bonus_on", DateFuture()))
    if opening.principal and opening.principal_expires_on and opening.principal_expires_on < today:
        reasons.append(("principal_expires_on", PrincipalExpired()))
    if opening.bonus and opening.bonus_expires_on and opening.bonus_expires_on < today:
        reasons.append(("bonus_expires_on", BonusExpired()))
    return reasons
