"""The only way to write: `post(operations)`. A single charge is a batch of one.

Inside a transaction it joins it, late and once, so that money moves together with the caller's own rows. Outside of one it
goes through the poster, which shares one commit among whoever asks at the same moment. Same tables, same locks, same answers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from chuzhi.core import money
from chuzhi.ledger import batch, poster, reading
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome, worded
from chuzhi.ledger.rows import Exchange, array


def post(operations: Sequence[Operation], *, now: datetime | None = None) -> list[Outcome]:
    """An answer for each operation, in order; refusals are answers too (`raise_if_refused`).

    Raises LedgerUnavailable when the database did not answer: ask again with the same keys. `now` is for programs with a clock
    of their own, and only inside a transaction.
    """
    for asked in operations:
        for amount in asked.amounts():
            money.check(amount)
    if not operations:
        return []
    if connection.in_atomic_block or now is not None:
        with joined() as exchange:
            outcomes = batch.run(exchange, operations, now=now)
        return [worded(each) for each in outcomes]
    return [worded(each) for each in poster.submit(operations)]


def post_one(asked: Operation) -> Outcome:
    """The outcome of one operation, or its refusal raised."""
    outcome = post([asked])[0]
    outcome.raise_if_refused()
    return outcome


def wake(places: Sequence[tuple[int, int]]) -> int:
    """Let time act on wallets (book, wallet): holds lapse, lots expire. Only inside a transaction. Answers how many records."""
    with joined() as exchange:
        return batch.wake(exchange, places)


def lock(*books: int) -> None:
    """Nothing else is posted to these books until this transaction ends: for who must look before posting. Once, all of them."""
    with joined() as exchange:
        exchange.ask(reading.OPEN_BOOKS, [array(books)])  # before its first operation, a book has no row to lock
        exchange.ask(reading.LOCK, [array(books)])


@contextmanager
def joined() -> Iterator[Exchange]:
    """Statements in the transaction that Django is in: what is asked last is sent at the end."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        exchange = Exchange(connection.connection)
        yield exchange
        exchange.send()
