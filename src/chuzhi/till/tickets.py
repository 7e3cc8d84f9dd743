"""The sale and its lines as documents of the charge: written with it, in one fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Exchange, array, texts
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.tenders import Taken

SALES = """
    INSERT INTO sale (book, seq, wallet, store, till, amount, paid, reference, actor, sold_at, served_by, basket)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::bigint[],
        %s::text[], %s::text[], %s::timestamptz[], %s::int[], %s::bigint[])"""
LINES = """
    INSERT INTO sale_line (book, seq, line, sku, name, quantity, amount, product, category, price, discount)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::bigint[],
        %s::int[], %s::int[], %s::bigint[], %s::bigint[])"""


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold: `amount` is the whole line's, in minor units, with the `discount` off; `quantity` as people say it.

    Of a product of the catalogue, its number, its category and the price of one go along.
    """

    name: str
    amount: int
    quantity: str = "1"
    sku: str = ""
    product: int | None = None
    category: int | None = None
    price: int | None = None
    discount: int = 0


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
    taken: Taken | None = None
    served_by: int | None = None
    basket: int | None = None

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
                array([ticket.served_by for _fact, ticket in rows]),
                array([ticket.basket for _fact, ticket in rows]),
            ],
        )
        if lines := [(fact, number, line) for fact, ticket in rows for number, line in enumerate(ticket.lines, start=1)]:
            cls._write_lines(exchange, lines)
        tenders.write(exchange, rows)

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
                array([line.product for _fact, _number, line in lines]),
                array([line.category for _fact, _number, line in lines]),
                array([line.price for _fact, _number, line in lines]),
                array([line.discount for _fact, _number, line in lines]),
            ],
        )
