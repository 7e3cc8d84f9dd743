"""What a field that the shop made for itself may hold: one form for each kind, the same in the database, the API and the history.

Whole numbers and money (minor units) are numbers, yes/no is true or false, several choices are a list; all others are text:
decimals with a point, days as 2026-05-31, stores and staff by their number.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, field_errors

LONGEST_LINE = 200
LONGEST_TEXT = 4000
LARGEST = 10**15
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WHOLE = re.compile(r"[+-]?\d{1,16}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_NOTHING = re.compile(r"0+(\.0*)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SEPARATORS = re.compile(r"[,，;；、|\n]")
_YES_NO = {"yes": True, "true": True, "1": True, "y": True, "是": True, "有": True, "对": True}
_YES_NO |= {"no": False, "false": False, "0": False, "n": False, "否": False, "无": False, "不": False}


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    MONEY = "money"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    STORE = "store"
    STAFF = "staff"


CHOSEN = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.STORE, Kind.STAFF})
ORDERED = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.MONEY, Kind.DAY})


@dataclass(frozen=True, slots=True)
class Definition:
    """A field as it is asked for. `label` is told in the language of whoever reads it."""

    key: str
    kind: Kind
    label: object
    is_required: bool = False
    is_personal: bool = False
    is_archived: bool = False
    currency: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    """What can be chosen, with its label: options of the field, or stores or staff by number."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values by key: what anybody may find, and what is personal and sealed. None says that there is none."""

    open: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)

    def __or__(self, others: "Values") -> "Values":
        return Values({**self.open, **others.open}, {**self.sealed, **others.sealed})

    def besides(self, held: "Values") -> "Values":
        """Those that differ from what is held."""
        return Values(
            {key: value for key, value in self.open.items() if held.open.get(key) != value},
            {key: value for key, value in self.sealed.items() if held.sealed.get(key) != value},
        )

    @property
    def all(self) -> dict[str, Any]:
        return {**self.open, **self.sealed}


def is_key(given: str) -> bool:
    return _KEY.fullmatch(given) is not None


def checked(given: Mapping[str, object], known: Mapping[str, Definition], *, is_new: bool = False) -> Values:
    """The values as they are kept. Refuses an unknown or archived field, a value of a wrong form, and a required one that is
    emptied or, of somebody new, missing.
    """
    for key in given:
        if key not in known:
            raise field_errors.FieldUnknown(field=key[:60])
        if known[key].is_archived:
            raise field_errors.FieldArchived(field=key, label=known[key].label)
    asked = {key: one for key, one in known.items() if key in given or (is_new and one.is_required and not one.is_archived)}
    values = {key: typed(one, given.get(key)) for key, one in asked.items()}
    return Values(
        open={key: value for key, value in values.items() if not known[key].is_personal},
        sealed={key: value for key, value in values.items() if known[key].is_personal},
    )


def typed(one: Definition, given: object) -> Any:
    """One value in the form that is kept; None, empty text and an empty list are none."""
    if given is None or given in ("", []):
        if one.is_required:
            raise field_errors.FieldRequired(field=one.key, label=one.label)
        return None
    return _TYPED[one.kind](one, given)


def read(one: Definition, text: str) -> object:
    """What somebody typed, or a cell of a table, as a value to be checked."""
    said = unicodedata.normalize("NFKC", text).strip()
    if not said:
        return None
    return _READ[one.kind](one, said) if one.kind in _READ else text.strip()


def plain(one: Definition, value: Any) -> str:
    """A value for an input that is read by `read`."""
    if value is None:
        return ""
    if one.kind is Kind.MONEY:
        return money.plain(value, one.currency)
    if one.kind is Kind.YES_NO:
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _whole_read(_one: Definition, said: str) -> object:
    return int(said) if _WHOLE.fullmatch(said) else said


def _amount_read(one: Definition, said: str) -> int:
    figure = said.strip("¥元 ")
    return 0 if _NOTHING.fullmatch(figure) else money.parse(figure, one.currency)


def _choices_read(one: Definition, said: str) -> list[str]:
    return [_key_of(one, part.strip()) for part in _SEPARATORS.split(said) if part.strip()]


def _day_read(_one: Definition, said: str) -> str:
    try:
        return contacts.written_date(said).isoformat()
    except Refused:
        return said


def _key_of(one: Definition, said: str) -> str:
    """The option that is meant: by its key, or by what it is called in any language that its label knows."""
    if said in one.options:
        return said
    return next((key for key, label in one.options.items() if said.casefold() in names(label)), said)


def names(label: object) -> list[str]:
    """What it is called in every language it knows, folded."""
    said = getattr(label, "said", None)
    return [str(name).casefold() for name in ((said.zh, said.en) if said else (label,))]


def _wrong(kind: type[Refused], one: Definition, **facts: object) -> Refused:
    return kind(field=one.key, label=one.label, **facts)


def _text(one: Definition, given: object) -> str:
    if not isinstance(given, str):
        raise _wrong(field_errors.NotText, one)
    longest = LONGEST_TEXT if one.kind is Kind.LONG_TEXT else LONGEST_LINE
    said = given.replace("\x00", "").replace("\r\n", "\n").strip()
    if one.kind is Kind.TEXT and not said.isprintable():
        raise _wrong(field_errors.NotOneLine, one)
    if len(said) > longest:
        raise _wrong(field_errors.TooLong, one, most=longest)
    return said


def _whole(one: Definition, given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise _wrong(field_errors.NotWhole, one)
    if abs(given) > LARGEST:
        raise _wrong(field_errors.OutOfRange, one)
    return given


def _decimal(one: Definition, given: object) -> str:
    said = given if isinstance(given, str) else str(given) if isinstance(given, int) and not isinstance(given, bool) else ""
    said = unicodedata.normalize("NFKC", said).strip()
    if not _DECIMAL.fullmatch(said):
        raise _wrong(field_errors.NotDecimal, one)
    return f"{Decimal(said).normalize() + 0:f}"


def _amount(one: Definition, given: object) -> int:
    amount = _whole(one, given)
    if amount < 0:
        raise _wrong(field_errors.OutOfRange, one)
    return amount


def _day(one: Definition, given: object) -> str:
    try:
        if isinstance(given, str) and _DAY.fullmatch(given):
            return date.fromisoformat(given).isoformat()
    except ValueError:
        pass
    raise _wrong(field_errors.NotADay, one)


def _yes_no(one: Definition, given: object) -> bool:
    if not isinstance(given, bool):
        raise _wrong(field_errors.NotYesOrNo, one)
    return given


def _choice(one: Definition, given: object) -> str:
    if not isinstance(given, str) or given not in one.options:
        raise _wrong(field_errors.NotAChoice, one, given=str(given)[:60])
    return given


def _choices(one: Definition, given: object) -> list[str]:
    if not isinstance(given, list):
        raise _wrong(field_errors.NotAList, one)
    return list(dict.fromkeys(_choice(one, each) for each in given))


def _contact(read_one: Callable[[str], str], no: type[Refused]) -> Callable[[Definition, object], str]:
    def kept(one: Definition, given: object) -> str:
        try:
            return read_one(_text(one, given))
        except field_errors.FieldRefused:
            raise
        except Refused:
            raise _wrong(no, one) from None

    return kept


def _link(one: Definition, given: object) -> str:
    said = _text(one, given)
    try:
        parts = urlsplit(said)
        is_link = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and " " not in said
    except ValueError:
        is_link = False
    if not is_link or not said.isprintable():
        raise _wrong(field_errors.NotALink, one)
    return said


_READ: Mapping[Kind, Callable[[Definition, str], object]] = {
    Kind.WHOLE: _whole_read,
    Kind.MONEY: _amount_read,
    Kind.DAY: _day_read,
    Kind.YES_NO: lambda _one, said: _YES_NO.get(said.casefold(), said),
    Kind.CHOICE: _key_of,
    Kind.CHOICES: _choices_read,
    Kind.STORE: _key_of,
    Kind.STAFF: _key_of,
}
_TYPED: Mapping[Kind, Callable[[Definition, object], Any]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.DECIMAL: _decimal,
    Kind.MONEY: _amount,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.PHONE: _contact(contacts.phone, field_errors.NotAPhone),
    Kind.EMAIL: _contact(contacts.email, field_errors.NotAnEmail),
    Kind.LINK: _link,
    Kind.STORE: _choice,
    Kind.STAFF: _choice,
}
