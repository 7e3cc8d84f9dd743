"""Rows that belong to the same fact as an operation, written with it: who did what, which transfer or import it is of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from chuzhi.core.audit import time_ordered_id
from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Raw, array, run, texts

AUDIT = """
    INSERT INTO audit_entry (id, at, actor, action, subject, facts)
    SELECT id, at, actor, action, subject, facts::jsonb
    FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[])
      AS u(id, at, actor, action, subject, facts)"""
TRANSFERS = """
    INSERT INTO transfer (book, seq, wallet, to_book, to_wallet, started_at, is_returned)
    SELECT book, seq, wallet, to_book, to_wallet, started_at, FALSE
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[])
      AS u(book, seq, wallet, to_book, to_wallet, started_at)"""

OPENINGS = """
    UPDATE opening o SET seq = u.seq
    FROM unnest(%s::smallint[], %s::bigint[], %s::int[], %s::bigint[]) AS u(book, batch, line, seq)
    WHERE o.book = u.book AND o.batch = u.batch AND o.line = u.line"""
REVERSALS = OPENINGS.replace("SET seq", "SET reversed_seq")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The audit log's line about an operation: `facts` hold no personal data; book and seq are added."""

    action: str
    wallet: int
    actor: str
    facts: tuple[tuple[str, object], ...] = ()

    @classmethod
    def write(cls, connection: Raw, rows: Sequence[tuple[Fact, Self]]) -> None:
        run(
            connection,
            AUDIT,
            [
                array(time_ordered_id() for _each in rows),
                array(fact.time.isoformat() for fact, _row in rows),
                texts(row.actor for _fact, row in rows),
                texts(row.action for _fact, row in rows),
                texts(f"wallet:{row.wallet}" for _fact, row in rows),
                texts(
                    json.dumps({"book": fact.book, "seq": fact.seq, "amount": fact.amount} | dict(row.facts))
                    for fact, row in rows
                ),
            ],
        )


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer whose first half is this operation; it is under way until its second half is in."""

    wallet: int
    to_book: int
    to_wallet: int

    @classmethod
    def write(cls, connection: Raw, rows: Sequence[tuple[Fact, Self]]) -> None:
        run(
            connection,
            TRANSFERS,
            [
                array(fact.book for fact, _row in rows),
                array(fact.seq for fact, _row in rows),
                array(row.wallet for _fact, row in rows),
                array(row.to_book for _fact, row in rows),
                array(row.to_wallet for _fact, row in rows),
                array(fact.time.isoformat() for fact, _row in rows),
            ],
        )


@dataclass(frozen=True, slots=True)
class OpeningPosted:
    """An opening balance whose top-up this is."""

    batch: int
    line: int

    @classmethod
    def write(cls, connection: Raw, rows: Sequence[tuple[Fact, Self]]) -> None:
        _mark(connection, OPENINGS, [(fact, row.batch, row.line) for fact, row in rows])


@dataclass(frozen=True, slots=True)
class OpeningReversed:
    """An opening balance that this operation takes back."""

    batch: int
    line: int

    @classmethod
    def write(cls, connection: Raw, rows: Sequence[tuple[Fact, Self]]) -> None:
        _mark(connection, REVERSALS, [(fact, row.batch, row.line) for fact, row in rows])


def _mark(connection: Raw, statement: str, rows: Sequence[tuple[Fact, int, int]]) -> None:
    columns = [[fact.book for fact, _batch, _line in rows], [batch for _fact, batch, _line in rows]]
    columns += [[line for _fact, _batch, line in rows], [fact.seq for fact, _batch, _line in rows]]
    run(connection, statement, [array(column) for column in columns])
