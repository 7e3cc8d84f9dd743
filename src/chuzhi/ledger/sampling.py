"""A sample of the journal for whoever audits it: drawn by a word, so that anybody who says the same word draws the same entries.

What is drawn does not depend on the order of rows, on this machine or on the day: each entry gets a number in (0, 1] from the word
and its own place. Every entry has the same chance, or one in proportion to its amount (A-ES of Efraimidis and Spirakis, 2006, the
usual way to sample monetary units without drawing one twice).
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused
from chuzhi.ledger.journal import Search
from chuzhi.ledger.queries import ENTRY_COLUMNS, Entry, entry_of

USUAL_SIZE, LARGEST = 25, 500
_HASH = "encode(sha256(convert_to(%(word)s || '/' || o.book || '-' || o.seq, 'UTF8')), 'hex')"
_CHANCE = f"((('x' || substr({_HASH}, 1, 13))::bit(52)::bigint + 1) / 4503599627370496.0::float8)"
_ORDER = {False: _HASH, True: f"-ln({_CHANCE}) / o.amount"}


class NotOver(Refused):
    code = "sample.not_over"
    message = _("Choose days that are over: then anybody draws the same.")


class NoCurrency(Refused):
    code = "sample.no_currency"
    message = _("Choose the currency that the amount is in.")


@dataclass(frozen=True, slots=True)
class Population:
    """What a sample is drawn from: how many entries, and their amounts together in the smallest units of what they are in."""

    count: int
    amount: int


def draw(search: Search, *, size: int, word: str, by_amount: bool) -> list[Entry]:
    """`size` entries of those that match, or all of them if there are not so many, the oldest first.

    By amount, entries that move nothing are left out, and the search should name one asset: others cannot be compared.
    """
    where, facts = _where(search, has_amount=by_amount)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {ENTRY_COLUMNS} FROM ledger_operation o WHERE (o.book, o.seq) IN (
                    SELECT o.book, o.seq FROM ledger_operation o WHERE {where}
                    ORDER BY {_ORDER[by_amount]}, o.book, o.seq LIMIT %(size)s)
                ORDER BY o.time, o.book, o.seq""",
            facts | {"word": word, "size": size},
        )
        return [entry_of(row) for row in cursor.fetchall()]


def population(search: Search, *, by_amount: bool) -> Population:
    """All that `draw` draws from."""
    where, facts = _where(search, has_amount=by_amount)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(o.amount), 0)::bigint FROM ledger_operation o WHERE {where}", facts)
        return Population(*cursor.fetchone())


def _where(search: Search, *, has_amount: bool) -> tuple[str, dict[str, Any]]:
    conditions, facts = search.conditions()
    conditions += ["o.time >= %(since)s", "o.time < %(until)s", *(["o.amount > 0"] if has_amount else [])]
    return " AND ".join(conditions), facts | {"since": search.since, "until": search.until}
