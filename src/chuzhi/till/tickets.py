"""The sale and its lines as documents of the charge: written with it, in one fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Exchange, array, texts

SALES = """
    INSERT INTO sale (book, seq, wallet, store, till, amount, paid, reference, actor, sold_at)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::bigint[],
        %s::text[], %s::text[], %s::timestamptz[])"""
LINES = """
    INSERT INTO sale_line (book, seq, line, sku, name, quantity, amount)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::bigint[])"""


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold: `amount` is the whole line's, in minor units; `quantity` as people say it."""

    name: str
    amount: int
    quantity: str = "1"
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A sale, to be written with its charge."""

    wallet: int
    store: int
    till: int | None
    amount: int
    reference: str
    actor: str
    sold_at: datetime | None
    lines: tuple[Line, ...]

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        exchange.ask(
            SALES,
            [
                array([fact.book for fact, _ticket in rows]),
                array([fact.seq for fact, _ticket in rows]),
                array([ticket.wallet for _fact, ticket in rows]),
                array([ticket.store for _fact, ticket in rows]),
                array([ticket.till for _fact, ticket in rows]),
                array([ticket.amount for _fact, ticket in rows]),
                array([fact.amount for fact, _ticket in rows]),
                texts([ticket.reference for _fact, ticket in rows]),
                texts([ticket.actor for _fact, ticket in rows]),
                array([ticket.sold_at or fact.time for fact, ticket in rows]),
            ],
        )
        if lines := [(fact, number, line) for fact, ticket in rows for number, line in enumerate(ticket.lines, start=1)]:
            cls._write_lines(exchange, lines)

    @staticmethod
    def _write_lines(exchange: Exchange, lines: Sequence[tuple[Fact, int, Line]]) -> None:
        exchange.ask(
            LINES,
            [
                array([fact.book for fact, _number, _line in lines]),
                array([fact.seq for fact, _number, _line in lines]),
                array([number for _fact, number, _line in lines]),
                texts([line.sku for _fact, _number, line in lines]),
                texts([line.name for _fact, _number, line in lines]),
                texts([line.quantity for _fact, _number, line in lines]),
                array([line.amount for _fact, _number, line in lines]),
            ],
        )
