"""Finding a customer from whatever the person at the counter says: a piece of a phone number, a name, its pinyin.

What counts as a match: a phone number that holds the digits (three or more); a name one of whose spellings (as written, in
pinyin, by initials) begins, at any syllable, with what was typed; an e-mail address that holds the fragment, four characters of
it before the @; an identity or outside number given whole. The nearest come first: whole values, ends of phone numbers,
beginnings of names.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q, QuerySet

from chuzhi.core import vault
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, names, tokens
from chuzhi.customers.models import Customer
from chuzhi.customers.queries import visible_to

SHORTEST_DIGITS = 3
LONGEST_QUERY = 100
FALSE_MATCHES = 16
"""How many rows to read for one that is shown: a token stands for about ten runs of digits."""

_SHOWN = ("id", "book", "name", "phone", "tags", "home_store_id", "is_made_up")


@dataclass(frozen=True, slots=True)
class Found:
    """A customer in a list of results: enough to tell people apart, nothing that must be kept from a cashier."""

    id: int
    book: int
    name: str
    masked_phone: str
    tags: tuple[str, ...]
    home_store_id: int | None
    is_made_up: bool
    matched: str  # phone, name, email, identity_number or external_id


def find(query: str, *, by: Actor, limit: int = 20) -> list[Found]:
    """At most `limit` customers, the nearest first. Finds nothing for an empty or hopeless query; never refuses one."""
    typed = unicodedata.normalize("NFKC", query).strip()[:LONGEST_QUERY].replace("\x00", "")
    if not typed or limit < 1:
        return []
    customers = visible_to(by).only(*_SHOWN)
    found: dict[int, Found] = {}
    for matched, rows in _ways(typed, customers, limit):
        fresh = (_found(row, matched) for row in rows if row.pk not in found)
        found |= {one.id: one for one in islice(fresh, limit - len(found))}
        if len(found) >= limit:
            break
    return list(found.values())


def _ways(typed: str, customers: QuerySet[Customer], limit: int) -> Iterator[tuple[str, Iterable[Customer]]]:
    """The ways to understand the query, the most exact first; later ones are tried only while there is room."""
    keys = vault.latest()
    yield "external_id", customers.filter(external_id=typed)[:1]
    if digits := _digits(typed):
        yield from (("phone", rows) for rows in _by_phone(typed, digits, customers, keys, limit))
    if re.fullmatch(r"\d{17}[\dXx]", typed, re.ASCII):
        yield "identity_number", customers.filter(identity_mark__in=keys.marks(typed.upper(), kind="identity"))[:limit]
    if "@" not in typed and (folded := names.fold(typed)):
        yield from (("name", rows) for rows in _by_name(folded, customers, limit))
    if not digits:
        yield from (("email", rows) for rows in _by_email(typed.lower(), customers, keys, limit))


def _digits(typed: str) -> str:
    digits = re.sub(r"[\s().+-]", "", typed)
    return digits if len(digits) >= SHORTEST_DIGITS and digits.isascii() and digits.isdecimal() else ""


def _by_phone(
    typed: str, digits: str, customers: QuerySet[Customer], keys: vault.Keys, limit: int
) -> Iterator[Iterable[Customer]]:
    try:
        whole = contacts.phone(typed)
    except Refused:
        pass
    else:
        yield customers.filter(phone_mark__in=keys.marks(whole, kind="phone"))

    def holds(customer: Customer) -> bool:
        return customer.phone is not None and digits in contacts.national(customer.phone)

    def ends(customer: Customer) -> bool:
        return customer.phone is not None and customer.phone.endswith(digits) and holds(customer)

    yield _verified(customers, tokens.phone_tail(digits, keys=keys), ends, limit)
    yield _verified(customers, tokens.phone_part(digits, keys=keys), holds, limit)


def _by_email(typed: str, customers: QuerySet[Customer], keys: vault.Keys, limit: int) -> Iterator[Iterable[Customer]]:
    if "@" in typed:
        yield customers.filter(email_mark__in=keys.marks(typed, kind="email"))[:limit]

    def holds(customer: Customer) -> bool:
        return customer.email is not None and typed in customer.email

    yield _verified(customers.only(*_SHOWN, "email"), tokens.email_part(typed, keys=keys), holds, limit)


def _by_name(folded: str, customers: QuerySet[Customer], limit: int) -> Iterator[Iterable[Customer]]:
    yield customers.filter(written__startswith=folded).order_by("written", "id")[:limit]
    if folded.isascii():
        yield customers.filter(pinyin__startswith=folded).order_by("pinyin", "id")[:limit]
        yield customers.filter(initials__startswith=folded).order_by("initials", "id")[:limit]
    yield customers.filter(name_keys__begins=folded)[:limit]


def _verified(
    customers: QuerySet[Customer], wanted: list[tokens.Wanted], true: Callable[[Customer], bool], limit: int
) -> Iterator[Customer]:
    """Rows that have the tokens and, decrypted, really match. A page of rows first; all of them only if that was too few."""
    if not wanted:
        return
    # Ten conditions rather than one overlap: PostgreSQL then knows what reading the whole table would cost.
    condition = Q()
    for one in wanted:
        for together in [one.all] if one.all else [(token,) for token in one.any]:
            condition |= Q(blind_tokens__contains=list(together))
    page = limit * FALSE_MATCHES
    candidates = list(customers.filter(condition)[:page])
    yield from filter(true, candidates)
    if len(candidates) == page:
        seen = {candidate.pk for candidate in candidates}
        rest = customers.filter(condition).iterator(chunk_size=2000)
        yield from (row for row in rest if row.pk not in seen and true(row))


def _found(row: Customer, matched: str) -> Found:
    return Found(row.pk, row.book, row.name, row.masked_phone, tuple(row.tags), row.home_store_id, row.is_made_up, matched)
