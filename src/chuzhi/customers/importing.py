"""Customers and opening balances from a file: checked row by row, and nothing written.

This half knows customers. It reads which balances a row brings, and totals them; `wallets` turns them into lots, in the same
transaction as `imports.apply`. Rows are matched to customers by phone, outside number or card. In one file each of these may
stand once: a row that repeats one is refused, because adding both could pay somebody twice and dropping one could lose money.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from chuzhi.core import money, vault
from chuzhi.core.errors import Refused
from chuzhi.customers import alike, bulk, cells, contacts, fields, headings, names, profiles, rules
from chuzhi.customers.alike import Alike, Choice
from chuzhi.customers.models import Customer
from chuzhi.customers.row_errors import (
    BonusExpired,
    CardTaken,
    DateFuture,
    KeyMissing,
    KeysDisagree,
    LeftOut,
    NameMissing,
    PrincipalExpired,
    RowTooLong,
    RowTwice,
)
from chuzhi.customers.rules import Definition, Values
from chuzhi.customers.sheets import Sheet

AT_ONCE = 5_000
AMOUNTS = frozenset({"principal", "bonus"})
NAMES = frozenset({"name", "given_name", "family_name"})
DAYS = frozenset({"principal_on", "principal_expires_on", "bonus_on", "bonus_expires_on", "born_on"})
NOTHING: Mapping[str, Definition] = {}

CardHolders = Callable[[Collection[str]], Mapping[str, int]]
"""Card numbers -> the customers who hold them, NOBODYS for a bearer's. Cards are kept above this package, which therefore is told."""
Tell = Callable[[int], object]
Choices = Mapping[int, Choice]
"""Line -> what is done with a row that may be of somebody who is here already."""
UNDECIDED: Choices = {}


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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken in, with every reason found."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[tuple[str, Refused], ...]  # field and refusal


@dataclass(frozen=True, slots=True)
class Update:
    """A row about a customer who is here already, and what it would change of them."""

    row: Row
    customer_id: int
    version: int
    changes: profiles.Given
    brings_card: bool  # a number that nobody has yet


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking the file in would do. Nothing has been written."""

    sheet: Sheet
    mapping: Mapping[str, str]  # field -> heading
    currency: str
    new: tuple[Row, ...]
    updates: tuple[Update, ...]
    skipped: tuple[Update, ...]  # nothing to change, no value and no card to add
    rejected: tuple[Rejected, ...]
    alike: tuple[Alike, ...]  # new rows that may be of somebody who is here, or in the file, already

    @property
    def principal(self) -> int:
        """The control total in minor units, to be compared with the old system's."""
        return sum(row.opening.principal for row in self.rows())

    @property
    def bonus(self) -> int:
        return sum(row.opening.bonus for row in self.rows())

    def rows(self) -> list[Row]:
        return [*self.new, *(update.row for update in self.updates)]

    def with_cards(self) -> list[Row]:
        """Those whose card's number is given out by this file."""
        return [*(row for row in self.new if row.card_number), *(one.row for one in self.updates if one.brings_card)]


def nobody(_numbers: Collection[str]) -> Mapping[str, int]:
    return {}


NOBODYS = 0
"""Whose a card is that finds no known customer: a bearer's."""


def untold(_rows: int) -> None:
    """Nobody watches how far it is."""


def plan(
    sheet: Sheet,
    *,
    currency: str,
    today: date,
    mapping: Mapping[str, str] | None = None,
    own: Mapping[str, Definition] = NOTHING,
    card_holders: CardHolders = nobody,
    tell: Tell = untold,
    choices: Choices = UNDECIDED,
) -> Plan:
    """Check the whole file. Refuses only what concerns all of it; what is wrong with a row is in `rejected`.

    `own` are the shop's own fields, by key; `tell` hears of how many rows have been looked at; `choices` say what is done with
    rows that may be of somebody who is here: until it is said, they are new.
    """
    called = fields.columns(own)
    places = headings.chosen(mapping, sheet.headings, called) if mapping else headings.guess(sheet.headings, called)
    money.exponent(currency)
    layout = _layout(sheet, places, currency, today, own)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for count, (line, found) in enumerate(sheet.rows):
        if count % AT_ONCE == 0:
            tell(count)
        row, reasons = _read(line, found, layout)
        if reasons:
            rejected.append(Rejected(line, found, reasons))
        else:
            rows.append(row)
    rows, repeated = _once(rows)
    new, updates, disagreeing = _matched(rows, card_holders)
    likes = alike.among([(row.line, row.given) for row in new])
    new, chosen, left = _decided(new, likes, choices)
    updates += chosen
    cells_of = dict(sheet.rows)
    rejected += [Rejected(line, cells_of[line], (("", no),)) for line, no in [*repeated, *disagreeing, *left]]
    return Plan(
        sheet=sheet,
        mapping={name: sheet.headings[place] for name, place in places.items()},
        currency=currency,
        new=tuple(new),
        updates=tuple(update for update in updates if not _is_idle(update)),
        skipped=tuple(update for update in updates if _is_idle(update)),
        rejected=tuple(sorted(rejected, key=lambda one: one.line)),
        alike=tuple(likes),
    )


def person(row: Row) -> bulk.Person:
    """The customer that a new row describes."""
    return bulk.Person(**{name: row.given[name] for name in (*_PERSONAL, "custom") if name in row.given})  # type: ignore[literal-required]  # its own keys


def _is_idle(update: Update) -> bool:
    opening = update.row.opening
    return not (update.changes or update.brings_card or opening.principal or opening.bonus)


def _layout(sheet: Sheet, places: Mapping[str, int], currency: str, today: date, own: Mapping[str, Definition]) -> Layout:
    columns = [place for field, place in places.items() if field in DAYS]
    written = (cells[place] for _line, cells in sheet.rows for place in columns if place < len(cells))
    kit = headings.kit(sheet.headings)
    minor = frozenset(field for field in AMOUNTS & places.keys() if headings.in_minor_units(sheet.headings[places[field]]))
    return Layout(places, len(sheet.headings), currency, today, own, minor, cells.day_order(written, kit.days if kit else ""))


def _read(line: int, row_cells: tuple[str, ...], layout: Layout) -> tuple[Row, tuple[tuple[str, Refused], ...]]:
    """The row, and every reason against it: a row with reasons is not to be used."""
    reasons: list[tuple[str, Refused]] = []
    given, others, custom = profiles.Given(), dict[str, Any](), Values()
    for name, text in _said(row_cells, layout.places).items():
        try:
            if name == "currency":
                cells.check_currency(text, layout.currency)
            elif one := layout.own.get(name.removeprefix(fields.COLUMN)) if name.startswith(fields.COLUMN) else None:
                custom |= rules.checked({one.key: rules.read(one, text)}, layout.own)
            elif name in _PERSONAL:
                given[name] = _PERSONAL[name](text, layout)  # type: ignore[literal-required]  # its own keys
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


_PERSONAL: Mapping[str, Callable[[str, Layout], Any]] = {
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


def _once(rows: list[Row]) -> tuple[list[Row], list[tuple[int, Refused]]]:
    """The rows whose keys stand here for the first time, and the others."""
    first: dict[tuple[str, str], int] = {}
    fresh: list[Row] = []
    repeated: list[tuple[int, Refused]] = []
    for row in rows:
        earlier = next((first[key] for key in row.keys if key in first), None)
        for key in row.keys:
            first.setdefault(key, row.line)
        if earlier is None:
            fresh.append(row)
        else:
            repeated.append((row.line, RowTwice(line=earlier)))
    return fresh, repeated


def _matched(rows: list[Row], card_holders: CardHolders) -> tuple[list[Row], list[Update], list[tuple[int, Refused]]]:
    """Rows of people not here yet, rows about people who are, and rows that cannot decide about whom they are."""
    new: list[Row] = []
    updates: list[Update] = []
    disagreeing: list[tuple[int, Refused]] = []
    keys = vault.latest()
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        cards = card_holders([row.card_number for row in some if row.card_number])
        owners = _owners(some, cards, keys)
        known = Customer.objects.in_bulk({owner for found in owners for owner in found})
        for row, found in zip(some, owners, strict=True):
            if cards.get(row.card_number or "") == NOBODYS:
                disagreeing.append((row.line, CardTaken(number=row.card_number)))
            elif len(found) > 1:
                disagreeing.append((row.line, KeysDisagree()))
            elif found:
                updates.append(
                    _update(row, known[found.pop()], brings_card=bool(row.card_number) and row.card_number not in cards)
                )
            elif "name" not in row.given:
                disagreeing.append((row.line, NameMissing()))
            else:
                new.append(row)
    return new, updates, disagreeing


def _decided(
    new: list[Row], found: Sequence[Alike], choices: Choices
) -> tuple[list[Row], list[Update], list[tuple[int, Refused]]]:
    """New rows that stay new, those that are of a customer who is here, and those that are left out."""
    chosen = {one.line: one for one in found if choices.get(one.line, Choice.NEW) != Choice.NEW}
    known = Customer.objects.in_bulk({one.customer for one in chosen.values() if one.customer})
    updates = [
        _update(row, known[one.customer], brings_card=bool(row.card_number))
        for row in new
        if (one := chosen.get(row.line)) and one.customer and choices[row.line] == Choice.UPDATE
    ]
    updated = {update.row.line for update in updates}
    left: list[tuple[int, Refused]] = [(line, LeftOut()) for line in chosen.keys() - updated]
    return [row for row in new if row.line not in chosen], updates, left


def _owners(rows: Sequence[Row], cards: Mapping[str, int], keys: vault.Keys) -> list[set[int]]:
    """For each row, the customers whom its keys name."""
    given = [phone for row in rows if (phone := row.given.get("phone"))]
    marks = {mark: phone for phone in given for mark in keys.marks(phone, kind="phone")}
    phones = {marks[bytes(mark)]: owner for mark, owner in _ids_by("phone_mark", list(marks))}
    numbers = dict(_ids_by("external_id", [number for row in rows if (number := row.given.get("external_id"))]))
    owners = {("phone", phone): owner for phone, owner in phones.items()}
    owners |= {("external_id", number): owner for number, owner in numbers.items()}
    owners |= {("card", number): owner for number, owner in cards.items() if owner != NOBODYS}
    return [{owners[key] for key in row.keys if key in owners} for row in rows]


def _ids_by(column: str, values: list[Any]) -> list[tuple[Any, int]]:
    """One array in place of thousands of parameters, which take longer to write down than to look up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}, id FROM customer WHERE {column} = ANY(%s)", [values])  # noqa: S608 # a column's name
        found: list[tuple[Any, int]] = cursor.fetchall()
        return found


def _update(row: Row, customer: Customer, *, brings_card: bool) -> Update:
    changes = profiles.Given(**row.given)
    if "tags" in changes:
        changes["tags"] = list(dict.fromkeys([*customer.tags, *changes["tags"]]))
    if "custom" in changes:
        changes["custom"] = row.given["custom"].besides(customer.custom)  # type: ignore[union-attr]  # a row holds checked values
    same = [
        name for name, value in changes.items() if (name == "custom" and value == Values()) or getattr(customer, name) == value
    ]
    for name in same:
        del changes[name]  # type: ignore[misc]  # the names are its own keys
    return Update(row, customer.pk, customer.version, changes, brings_card)
