"""What was given back of each charge, leg by leg, computed again from the refunds themselves."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from psycopg import Connection

from chuzhi.ledger.findings import Finding

Raw = Connection[tuple[Any, ...]]
REFUND = 6

ANSWERS = """
    SELECT a.book, a.seq, a.asset, a.leg_pots, a.amounts, g.per_leg, o.seq, o.kind, o.amount, o.details
    FROM ledger_operation o JOIN ledger_operation a ON a.book = o.book AND a.seq = o.ref_seq
    LEFT JOIN ledger_given_back g ON g.book = a.book AND g.seq = a.seq
    WHERE o.book = ANY(%(books)s) AND o.refusal IS NULL AND o.kind IN (6, 12, 13) ORDER BY a.book, a.seq, o.seq"""

UNANSWERED = """
    SELECT g.book, g.seq, g.per_leg FROM ledger_given_back g
    WHERE g.book = ANY(%(books)s) AND NOT EXISTS (
        SELECT 1 FROM ledger_operation o
        WHERE o.book = g.book AND o.ref_seq = g.seq AND o.refusal IS NULL AND o.kind IN (6, 12, 13))"""


def check(connection: Raw, books: list[int]) -> Iterator[Finding]:
    """Findings of I6. Refunds are streamed, one charge in memory at a time."""
    for book, seq, per_leg in connection.execute(UNANSWERED, {"books": books}):
        yield Finding("I6", book, f"given back of seq {seq}", "nothing, for nothing answers it", str(per_leg))
    with connection.cursor("ledger_answers") as cursor:
        cursor.itersize = 5_000
        cursor.execute(ANSWERS, {"books": books})
        for (book, seq), rows in groupby(cursor, key=lambda row: (row[0], row[1])):
            yield from _of_one(book, seq, list(rows))


def _of_one(book: int, seq: int, rows: list[tuple[Any, ...]]) -> Iterator[Finding]:
    _book, _seq, asset, pots, amounts, per_leg = rows[0][:6]
    taken = [
        -amount if amount < 0 and pot // 10 == asset and pot % 10 != 3 else 0 for pot, amount in zip(pots, amounts, strict=True)
    ]
    left = list(taken)
    for answer, kind, amount, details in (row[6:] for row in rows):
        if kind != REFUND:
            left = taken = [0] * len(taken)
        elif amount > sum(left):
            yield Finding("I6", book, f"seq {answer}", f"at most {sum(left)} left to refund of seq {seq}", str(amount))
        else:
            in_proportion = bool(details) and json.loads(details).get("proportional", False)
            parts = proportional(amount, left) if in_proportion else from_the_end(amount, left)
            left = [each - part for each, part in zip(left, parts, strict=True)]
    expected = [each - rest for each, rest in zip(taken, left, strict=True)]
    if per_leg != expected:
        yield Finding("I6", book, f"given back of seq {seq}", str(expected), str(per_leg))


def from_the_end(amount: int, left: Iterable[int]) -> list[int]:
    """The leg that paid last is refilled first."""
    parts = []
    for each in reversed(list(left)):
        parts.append(min(each, amount))
        amount -= parts[-1]
    return parts[::-1]


def proportional(amount: int, left: list[int]) -> list[int]:
    """Shares of what each leg can still take; the largest remainders get the odd units, the earlier leg before the later."""
    if not amount:
        return [0] * len(left)
    total = sum(left)
    shares = [divmod(amount * each, total) for each in left]
    odd = amount - sum(share for share, _rest in shares)
    lucky = sorted(range(len(left)), key=lambda place: (-shares[place][1], place))[:odd]
    return [share + (place in lucky) for place, (share, _rest) in enumerate(shares)]
