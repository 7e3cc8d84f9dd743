"""Customers and opening balances from a file: checked row by row, and nothing written.

This half knows customers. It reads which balances a row brings, and totals them; `wallets` turns them into lots, in the same
transaction as `imports.apply`. Rows are matched to customers by phone, outside number or card. In one file each of these may
stand once: a row that repeats one is refused, because adding both could pay somebody twice and dropping one could lose money.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money, vault
from chuzhi.core.errors import Refused
from chuzhi.customers import bulk, contacts, headings, names, profiles
from chuzhi.customers.errors import BirthdayInvalid
from chuzhi.customers.models import Customer
from chuzhi.customers.sheets import Sheet

AT_ONCE = 5_000
_NOTHING = re.compile(r"0*(\.0*)?")
_CARD = re.compile(r"[0-9A-Za-z-]{4,40}")
PERSONAL = ("name", "phone", "email", "identity_number", "born_on", "notes", "tags", "external_id")

CardHolders = Callable[[Collection[str]], Mapping[str, int]]
"""Card numbers -> the customers who hold them. Cards are kept above this package, which therefore is told."""


class DateInvalid(Refused):
    code = "import.date_invalid"
    message = _("“%(given)s” is not a date. Write it like 2026-05-31.")


class DateFuture(Refused):
    code = "import.date_future"
    message = _("The date on which value was added is in the future.")


class BonusExpired(Refused):
    code = "import.bonus_expired"
    message = _("The bonus has expired already.")


class CardInvalid(Refused):
    code = "import.card_invalid"
    message = _("A card number has 4 to 40 letters, digits or hyphens.")


class RowTwice(Refused):
    code = "import.row_twice"
    message = _("Line %(line)s has the same phone, outside number or card.")


class KeyMissing(Refused):
    code = "import.key_missing"
    message = _("The row has no phone, outside number or card to know the customer by.")


class KeysDisagree(Refused):
    code = "import.keys_disagree"
    message = _("Phone, outside number and card of this row belong to different customers.")


class RowTooLong(Refused):
    code = "import.row_too_long"
    message = _("The row has more cells than there are headings.")


@dataclass(frozen=True, slots=True)
class Opening:
    """The value that a row brings. Amounts in minor units; 0 is none."""

    principal: int
    bonus: int
    principal_on: date | None
    bonus_on: date | None
    bonus_expires_on: date | None


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking the file in would do. Nothing has been written."""

    sheet: Sheet
    mapping: Mapping[str, str]  # field -> heading
    currency: str
    new: tuple[Row, ...]
    updates: tuple[Update, ...]
    skipped: tuple[Update, ...]  # nothing to change and no value to add
    rejected: tuple[Rejected, ...]

    @property
    def principal(self) -> int:
        """The control total in minor units, to be compared with the old system's."""
        return sum(row.opening.principal for row in self.rows())

    @property
    def bonus(self) -> int:
        return sum(row.opening.bonus for row in self.rows())

    def rows(self) -> list[Row]:
        return [*self.new, *(update.row for update in self.updates)]

    def rejected_csv(self) -> str:
        """The refused rows with line and reasons, to be mended and brought again; no cell can act as a formula."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([_("Line"), _("Reasons"), *map(safe_cell, self.sheet.headings)])
        for one in self.rejected:
            reasons = "; ".join(
                f"{self.mapping[about]}: {no}" if about in self.mapping else str(no) for about, no in one.reasons
            )
            writer.writerow([one.line, safe_cell(reasons), *map(safe_cell, one.cells)])
        return out.getvalue()


def safe_cell(text: str) -> str:
    """Spreadsheets run cells that begin with these signs; an apostrophe makes them text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def nobody(_numbers: Collection[str]) -> Mapping[str, int]:
    return {}


def plan(
    sheet: Sheet,
    *,
    currency: str,
    today: date,
    mapping: Mapping[str, str] | None = None,
    card_holders: CardHolders = nobody,
) -> Plan:
    """Check the whole file. Refuses only what concerns all of it; what is wrong with a row is in `rejected`."""
    places = headings.chosen(mapping, sheet.headings) if mapping else headings.guess(sheet.headings)
    money.exponent(currency)
    layout = Layout(places, len(sheet.headings), currency, today)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for line, cells in sheet.rows:
        row, reasons = _read(line, cells, layout)
        if reasons:
            rejected.append(Rejected(line, cells, reasons))
        else:
            rows.append(row)
    rows, repeated = _once(rows)
    new, updates, disagreeing = _matched(rows, card_holders)
    cells_of = dict(sheet.rows)
    rejected += [Rejected(line, cells_of[line], (("", no),)) for line, no in [*repeated, *disagreeing]]
    return Plan(
        sheet=sheet,
        mapping={name: sheet.headings[place] for name, place in places.items()},
        currency=currency,
        new=tuple(new),
        updates=tuple(update for update in updates if not _is_idle(update)),
        skipped=tuple(update for update in updates if _is_idle(update)),
        rejected=tuple(sorted(rejected, key=lambda one: one.line)),
    )


def person(row: Row) -> bulk.Person:
    """The customer that a new row describes."""
    return bulk.Person(**{name: row.given[name] for name in PERSONAL if name in row.given})  # type: ignore[literal-required]  # PERSONAL are its keys


def _is_idle(update: Update) -> bool:
    opening = update.row.opening
    return not (update.changes or opening.principal or opening.bonus)


def _read(line: int, cells: tuple[str, ...], layout: Layout) -> tuple[Row, tuple[tuple[str, Refused], ...]]:
    """The row, and every reason against it: a row with reasons is not to be used."""
    said = {"name": ""} | {name: cells[place] for name, place in layout.places.items() if place < len(cells) and cells[place]}
    reasons: list[tuple[str, Refused]] = []
    given, openings = profiles.Given(), dict[str, int | date]()
    card: str | None = None
    for name, text in said.items():
        try:
            if name in PERSONAL:
                _tell(given, name, text, layout.today)
            elif name == "card_number":
                card = _card(text)
            else:
                openings[name] = _amount(text, layout.currency) if name in {"principal", "bonus"} else _day(text)
        except Refused as no:
            reasons.append((name, no))
    row = Row(line, given, card, _opening(openings))
    if any(cells[layout.width :]):
        reasons.append(("", RowTooLong()))
    if not reasons and not row.keys:
        reasons.append(("", KeyMissing()))
    return row, (*reasons, *_against(row.opening, layout.today))


def _tell(given: profiles.Given, name: str, text: str, today: date) -> None:
    match name:
        case "name":
            given["name"] = names.clean(text)
        case "phone":
            given["phone"] = contacts.phone(text)
        case "email":
            given["email"] = contacts.email(text)
        case "identity_number":
            given["identity_number"] = contacts.identity_number(text)
        case "born_on":
            given["born_on"] = contacts.birthday(text, today=today)
        case "notes":
            given["notes"] = profiles.notes(text)
        case "tags":
            given["tags"] = profiles.tags([tag for tag in re.split(r"[,，;；、|]", text) if tag.strip()])
        case _:
            given["external_id"] = profiles.external_id(text)


def _card(text: str) -> str:
    number = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not _CARD.fullmatch(number):
        raise CardInvalid
    return number


@lru_cache(maxsize=10_000)
def _amount(text: str, currency: str) -> int:
    """Minor units. Unlike elsewhere nothing is a good answer: most rows of an opening balance have no bonus."""
    figure = unicodedata.normalize("NFKC", text).strip("¥元 ")
    return 0 if _NOTHING.fullmatch(figure) else money.parse(figure, currency)


@lru_cache(maxsize=10_000)
def _day(text: str) -> date:
    try:
        return contacts.written_date(text)
    except BirthdayInvalid:
        raise DateInvalid(given=text[:40]) from None


def _opening(said: Mapping[str, int | date]) -> Opening:
    def amount(name: str) -> int:
        value = said.get(name)
        return value if isinstance(value, int) else 0

    def day(name: str) -> date | None:
        value = said.get(name)
        return value if isinstance(value, date) else None

    return Opening(amount("principal"), amount("bonus"), day("principal_on"), day("bonus_on"), day("bonus_expires_on"))


def _against(opening: Opening, today: date) -> Sequence[tuple[str, Refused]]:
    reasons: list[tuple[str, Refused]] = []
    if opening.principal_on and opening.principal_on > today:
        reasons.append(("principal_on", DateFuture()))
    if opening.bonus_on and opening.bonus_on > today:
        reasons.append(("bonus_on", DateFuture()))
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
        owners = _owners(some, card_holders, keys)
        known = Customer.objects.in_bulk({owner for found in owners for owner in found})
        for row, found in zip(some, owners, strict=True):
            if len(found) > 1:
                disagreeing.append((row.line, KeysDisagree()))
            elif found:
                updates.append(_update(row, known[found.pop()]))
            else:
                new.append(row)
    return new, updates, disagreeing


def _owners(rows: Sequence[Row], card_holders: CardHolders, keys: vault.Keys) -> list[set[int]]:
    """For each row, the customers whom its keys name."""
    given = [phone for row in rows if (phone := row.given.get("phone"))]
    marks = {mark: phone for phone in given for mark in keys.marks(phone, kind="phone")}
    phones = {marks[bytes(mark)]: owner for mark, owner in _ids_by("phone_mark", list(marks))}
    numbers = dict(_ids_by("external_id", [number for row in rows if (number := row.given.get("external_id"))]))
    cards = card_holders([row.card_number for row in rows if row.card_number])
    owners = {("phone", phone): owner for phone, owner in phones.items()}
    owners |= {("external_id", number): owner for number, owner in numbers.items()}
    owners |= {("card", number): owner for number, owner in cards.items()}
    return [{owners[key] for key in row.keys if key in owners} for row in rows]


def _ids_by(column: str, values: list[Any]) -> list[tuple[Any, int]]:
    """One array in place of thousands of parameters, which take longer to write down than to look up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}, id FROM customer WHERE {column} = ANY(%s)", [values])  # noqa: S608 # a column's name
        found: list[tuple[Any, int]] = cursor.fetchall()
        return found


def _update(row: Row, customer: Customer) -> Update:
    changes = profiles.Given(**row.given)
    if "tags" in changes:
        changes["tags"] = list(dict.fromkeys([*customer.tags, *changes["tags"]]))
    same = [name for name, value in changes.items() if getattr(customer, name) == value]
    for name in same:
        del changes[name]  # type: ignore[misc]  # the names are its own keys
    return Update(row, customer.pk, customer.version, changes)
