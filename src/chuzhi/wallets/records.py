"""Rows that belong to the same fact as an operation, written with it: who did what, and which transfer is under way."""

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
