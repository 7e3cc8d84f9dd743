"""Rows that belong to the same fact as an operation, written with it: which transfer or import it is of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Exchange, array

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

CREDITS = """
    UPDATE credit c SET seq = u.seq
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[]) AS u(batch, line, seq, amount)
    WHERE c.batch_id = u.batch AND c.line = u.line"""
TAKEN_BACK = CREDITS.replace("SET seq = u.seq", "SET reversed_seq = u.seq, taken_back = u.amount")


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer whose first half is this operation; it is under way until its second half is in."""

    wallet: int
    to_book: int
    to_wallet: int

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        exchange.ask(
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
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        _mark(exchange, OPENINGS, [(fact, row.batch, row.line) for fact, row in rows])


@dataclass(frozen=True, slots=True)
class OpeningReversed:
    """An opening balance that this operation takes back."""

    batch: int
    line: int

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        _mark(exchange, REVERSALS, [(fact, row.batch, row.line) for fact, row in rows])


def _mark(exchange: Exchange, statement: str, rows: Sequence[tuple[Fact, int, int]]) -> None:
    columns = [[fact.book for fact, _batch, _line in rows], [batch for _fact, batch, _line in rows]]
    columns += [[line for _fact, _batch, line in rows], [fact.seq for fact, _batch, _line in rows]]
    exchange.ask(statement, [array(column) for column in columns])


@dataclass(frozen=True, slots=True)
class CreditGiven:
    """A line of a batch of gifts that this operation gives."""

    batch: int
    line: int

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        _settle(exchange, CREDITS, [(fact, row.batch, row.line) for fact, row in rows])


@dataclass(frozen=True, slots=True)
class CreditTakenBack:
    """A line of a batch of gifts that this operation takes back, as far as it is left."""

    batch: int
    line: int

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        _settle(exchange, TAKEN_BACK, [(fact, row.batch, row.line) for fact, row in rows])


def _settle(exchange: Exchange, statement: str, rows: Sequence[tuple[Fact, int, int]]) -> None:
    columns = [[batch for _fact, batch, _line in rows], [line for _fact, _batch, line in rows]]
    columns += [[fact.seq for fact, _batch, _line in rows], [fact.amount for fact, _batch, _line in rows]]
    exchange.ask(statement, [array(column) for column in columns])
