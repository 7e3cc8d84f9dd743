"""Customers and opening balances from a file: checked row by row, and nothing written.

This half knows customers. It reads which balances a row brings, and totals them; `wallets` turns them into lots, in the same
transaction as `imports.apply`. Rows are matched to customers by phone, outside number or card. In one file each of these may
stand once: a row that repeats one is refused, because adding both could pay somebody twice and dropping one could lose money.
Only a row with a card of its own that says nothing else of the person is another balance of theirs: gift cards of one holder.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from chuzhi.core import money, vault
from chuzhi.core.errors import Refused
from chuzhi.customers import alike, bulk, fields, headings, profiles
from chuzhi.customers.alike import Alike, Choice
from chuzhi.customers.models import Customer
from chuzhi.customers.row_errors import (
    CardTaken,
    KeysDisagree,
    LeftOut,
    NameMissing,
    RowTwice,
)
from chuzhi.customers.rows import PERSONAL, Row, laid_out, read
from chuzhi.customers.rules import Definition, Values
from chuzhi.customers.sheets import Sheet

AT_ONCE = 5_000
NOTHING: Mapping[str, Definition] = {}

CardHolders = Callable[[Collection[str]], Mapping[str, int]]
"""Card numbers -> the customers who hold them, NOBODYS for a bearer's. Cards are kept above this package, which therefore is told."""
Tell = Callable[[int], object]
Choices = Mapping[int, Choice]
"""Line -> what is done with a row that may be of somebody who is here already."""
UNDECIDED: Choices = {}


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
class Further:
    """Another balance, on a card of its own, of whom the row on line `of` is about."""

    row: Row
    of: int
    brings_card: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking the file in would do. Nothing has been written."""

    sheet: Sheet
    mapping: Mapping[str, str]  # field -> heading
    currency: str
    new: tuple[Row, ...]
    updates: tuple[Update, ...]
    skipped: tuple[Update, ...]  # nothing to change, no value and no card to add
    further: tuple[Further, ...]
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
        return [*self.new, *(update.row for update in self.updates), *(one.row for one in self.further)]

    def with_cards(self) -> list[Row]:
        """Those whose card's number is given out by this file."""
        of_new = [row for row in self.new if row.card_number]
        known = [one.row for one in self.updates if one.brings_card]
        return [*of_new, *known, *(one.row for one in self.further if one.brings_card)]


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
    layout = laid_out(sheet, places, currency, today, own)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for count, (line, found) in enumerate(sheet.rows):
        if count % AT_ONCE == 0:
            tell(count)
        row, reasons = read(line, found, layout)
        if reasons:
            rejected.append(Rejected(line, found, reasons))
        else:
            rows.append(row)
    rows, further, repeated = _once(rows)
    new, updates, disagreeing = _matched(rows, card_holders)
    likes = alike.among([(row.line, row.given) for row in new])
    new, chosen, left = _decided(new, likes, choices)
    updates += chosen
    further, unclear = _following(further, new, updates, card_holders)
    cells_of = dict(sheet.rows)
    rejected += [Rejected(line, cells_of[line], (("", no),)) for line, no in [*repeated, *disagreeing, *left, *unclear]]
    return Plan(
        sheet=sheet,
        mapping={name: sheet.headings[place] for name, place in places.items()},
        currency=currency,
        new=tuple(new),
        updates=tuple(update for update in updates if not _is_idle(update)),
        skipped=tuple(update for update in updates if _is_idle(update)),
        further=tuple(further),
        rejected=tuple(sorted(rejected, key=lambda one: one.line)),
        alike=tuple(likes),
    )


def person(row: Row) -> bulk.Person:
    """The customer that a new row describes."""
    return bulk.Person(**{name: row.given[name] for name in (*PERSONAL, "custom") if name in row.given})  # type: ignore[literal-required]  # its own keys


def _is_idle(update: Update) -> bool:
    opening = update.row.opening
    return not (update.changes or update.brings_card or opening.principal or opening.bonus)


def _once(rows: list[Row]) -> tuple[list[Row], list[Further], list[tuple[int, Refused]]]:
    """The rows whose keys stand here for the first time, those with another balance of the same person, and the others."""
    first: dict[tuple[str, str], Row] = {}
    fresh: list[Row] = []
    further: list[Further] = []
    repeated: list[tuple[int, Refused]] = []
    for row in rows:
        earlier = next((first[key] for key in row.keys if key in first), None)
        if earlier is None:
            fresh.append(row)
        elif _is_another_card_of(earlier, row, first):
            further.append(Further(row, earlier.line))
        else:
            repeated.append((row.line, RowTwice(line=earlier.line)))
        for key in row.keys:
            first.setdefault(key, earlier or row)
    return fresh, further, repeated


def _is_another_card_of(earlier: Row, row: Row, first: Mapping[tuple[str, str], Row]) -> bool:
    """Both have a card of their own, and whatever the later row says of the person the earlier one says, too."""
    said = earlier.given.items()
    own_cards = earlier.card_number and row.card_number and ("card", row.card_number) not in first
    return bool(own_cards) and all(one in said for one in row.given.items())


def _following(
    further: list[Further], new: list[Row], updates: list[Update], card_holders: CardHolders
) -> tuple[list[Further], list[tuple[int, Refused]]]:
    """Further balances of those who are taken in, and those that cannot be: their person is not, or the card is another's."""
    owners: dict[int, int | None] = {row.line: None for row in new} | {one.row.line: one.customer_id for one in updates}
    held = card_holders([one.row.card_number for one in further if one.row.card_number])
    good: list[Further] = []
    unclear: list[tuple[int, Refused]] = []
    for one in further:
        holder = held.get(one.row.card_number or "")
        if one.of not in owners:
            unclear.append((one.row.line, RowTwice(line=one.of)))
        elif holder is None or holder == owners[one.of]:
            good.append(replace(one, brings_card=holder is None))
        else:
            unclear.append((one.row.line, CardTaken(number=one.row.card_number) if holder == NOBODYS else KeysDisagree()))
    return good, unclear


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
