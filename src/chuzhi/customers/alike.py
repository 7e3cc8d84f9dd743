"""Rows of a file that may be of somebody who is here already, or of an earlier row: by the rules of `duplicates`, and by a name
with the same end of a phone number, for a digit is soon written wrong.

Thousands of rows are asked about at once; each gets its surest likeness.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from chuzhi.core import vault
from chuzhi.customers import names, tokens
from chuzhi.customers.duplicates import Why
from chuzhi.customers.models import Customer, ImportLike

AT_ONCE = 5_000
NAMESAKES = 20
"""Of a very common name the newest so many are looked at: a birthday is sealed, and opened one by one."""
END = 4
Choice = ImportLike.Choice
People = Sequence[tuple[int, Mapping[str, Any]]]
"""Line, and what the row says of the person, in the form that is kept."""

_MARKED = "SELECT {column}, max(id) FROM customer WHERE {column} = ANY(%s) AND withdrawn_at IS NULL GROUP BY 1"
_NAMESAKES = """
    SELECT c.written, c.id, c.born_on, c.blind_tokens FROM unnest(%s::text[]) AS n(written) CROSS JOIN LATERAL (
        SELECT written, id, born_on, blind_tokens FROM customer
        WHERE written = n.written AND withdrawn_at IS NULL ORDER BY id DESC LIMIT %s) c"""


@dataclass(frozen=True, slots=True)
class Alike:
    """A row, and the customer or the earlier line that may be the same person."""

    line: int
    why: Why
    customer: int | None
    other: int | None


def among(people: People) -> list[Alike]:
    """In the order of the file. Customers come before other rows, because only they can be changed."""
    found: dict[int, Alike] = {}
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        for one in (*_marked(some, "identity"), *_marked(some, "email"), *_namesakes(some)):
            found.setdefault(one.line, one)
    for one in _earlier(people):
        found.setdefault(one.line, one)
    return [found[line] for line in sorted(found)]


def _marked(people: People, kind: str) -> Iterator[Alike]:
    """By a value that is kept as a mark."""
    field, why = ("identity_number", Why.IDENTITY) if kind == "identity" else ("email", Why.EMAIL)
    keys = vault.latest()
    lines = [(mark, line) for line, given in people if (value := given.get(field)) for mark in keys.marks(value, kind=kind)]
    owners = _asked(_MARKED.format(column=f"{kind}_mark"), [mark for mark, _line in lines]) if lines else []
    known = {bytes(mark): owner for mark, owner in owners}
    return (Alike(line, why, known[mark], None) for mark, line in lines if mark in known)


def _namesakes(people: People) -> Iterator[Alike]:
    keys = vault.latest()
    asked = [(line, names.fold(given["name"]), given) for line, given in people if given.get("born_on") or given.get("phone")]
    by_name: dict[str, list[tuple[int, bytes | None, set[int]]]] = {}
    for written, number, born_on, held in _asked(_NAMESAKES, list({name for _line, name, _given in asked}), NAMESAKES):
        by_name.setdefault(written, []).append((number, born_on, set(held)))
    column = Customer._meta.get_field("born_on").sealed_as
    ends: list[tuple[int, int, str]] = []
    for line, name, given in asked:
        born_on, end = str(given.get("born_on") or ""), (given.get("phone") or "")[-END:]
        wanted = [set(each.all) for each in tokens.phone_tail(end, keys=keys)] if end and name in by_name else []
        for number, sealed, held in by_name.get(name, ()):
            if born_on and sealed and vault.decrypt(bytes(sealed), column=column) == born_on:
                yield Alike(line, Why.NAME_AND_BIRTHDAY, number, None)
            elif any(tail <= held for tail in wanted):
                ends.append((line, number, end))
    # Tokens are few on purpose: what they find is opened and compared.
    phones = dict(Customer.objects.filter(pk__in={number for _line, number, _end in ends}).values_list("pk", "phone"))
    for line, number, end in ends:
        if (phone := phones[number]) and phone.endswith(end):
            yield Alike(line, Why.NAME_AND_PHONE_END, number, None)


def _earlier(people: People) -> Iterator[Alike]:
    """By the same rules within the file."""
    first: dict[tuple[Why, object], int] = {}
    for line, given in people:
        name = names.fold(given["name"])
        marks = (
            (Why.IDENTITY, given.get("identity_number")),
            (Why.EMAIL, given.get("email")),
            (Why.NAME_AND_BIRTHDAY, (name, born_on) if (born_on := given.get("born_on")) else None),
            (Why.NAME_AND_PHONE_END, (name, phone[-END:]) if (phone := given.get("phone")) else None),
        )
        for why, mark in marks:
            if mark and (earlier := first.setdefault((why, mark), line)) != line:
                yield Alike(line, why, None, earlier)


def _asked(statement: str, values: Sequence[str | bytes], *more: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values), *more])
        return list(cursor.fetchall())
