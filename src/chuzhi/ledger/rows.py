"""Plain values to and from PostgreSQL, a column at a time: a batch of any size is one statement a table, and few round trips."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection, errors, pq
from psycopg.adapt import Transformer
from psycopg.waiting import Ready, Wait

Raw = Connection[tuple[Any, ...]]
"""A psycopg connection as it comes, Django's own or the poster's."""

_BINARY = 1
_names = count(1)


@dataclass(slots=True)
class Session:
    """What one connection has prepared, and how often it was used."""

    names: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0

    def plans_are_old(self) -> bool:
        """At the second exchange, the fourth, the eighth …: a plan made when a table was empty reads the whole of it for ever."""
        self.sent += 1
        return self.sent > 1 and self.sent & (self.sent - 1) == 0


_sessions: WeakKeyDictionary[Raw, Session] = WeakKeyDictionary()


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array of numbers, times or identifiers, which need no quotes."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Iterable[str]) -> str:
    """A PostgreSQL array of any texts, quoted all at once. Raises ValueError where one holds a NUL, which no text there can."""
    given = list(values)
    joined = "\0".join(given)
    if joined.count("\0") >= len(given) > 0:
        raise ValueError("a text with a NUL character")
    return '{"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"}' if given else "{}"


class Answer:
    """What a statement answered, once its exchange has been sent."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []


class Exchange:
    """Statements that travel together: asked in order, sent in one round trip, each prepared once a connection.

    This is libpq's pipeline as psycopg wraps it, without a cursor for every statement: in a small batch the cursors cost more
    than the statements do. Inside a transaction that Django has promised but not begun yet, it begins it.
    """

    def __init__(self, connection: Raw) -> None:
        self.connection = connection
        self._asked: list[tuple[str, Sequence[str], Answer]] = []
        if not connection.autocommit and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            self.ask("BEGIN")

    def ask(self, statement: str, parameters: Sequence[str] = ()) -> Answer:
        """To be sent with the others. Parameters are texts, their types said in the statement: `%s::bigint[]`."""
        answer = Answer()
        self._asked.append((statement, parameters, answer))
        return answer

    def send(self) -> None:
        """One round trip. Raises psycopg.Error for the first statement that failed; none after it has run."""
        asked, self._asked = self._asked, []
        if not asked:
            return
        pgconn, session = self.connection.pgconn, _sessions.setdefault(self.connection, Session())
        names = session.names
        if session.plans_are_old():
            asked.insert(0, ("DISCARD PLANS", (), Answer()))
        expected: list[tuple[str, Answer | None]] = []
        pgconn.enter_pipeline_mode()
        try:
            for statement, parameters, answer in asked:
                name = names.get(statement)
                if name is None:
                    name = names[statement] = b"chuzhi-%d" % next(_names)
                    pgconn.send_prepare(name, _numbered(statement).encode())
                    expected.append((statement, None))
                pgconn.send_query_prepared(name, [each.encode() for each in parameters], result_format=_BINARY)
                expected.append((statement, answer))
            pgconn.pipeline_sync()
            results = self.connection.wait(_conversation(pgconn))
        except BaseException:  # half a conversation: nobody can go on from here
            self.connection.close()
            raise
        pgconn.exit_pipeline_mode()
        self._note(expected, results, names)

    def _note(
        self, expected: Sequence[tuple[str, Answer | None]], results: Sequence[pq.abc.PGresult], names: dict[str, bytes]
    ) -> None:
        fault: errors.Error | None = None
        for (statement, answer), result in zip(expected, results, strict=True):
            if result.status == pq.ExecStatus.TUPLES_OK and answer is not None:
                if result.ntuples:
                    reader = Transformer(self.connection)
                    reader.set_pgresult(result, format=pq.Format.BINARY)
                    answer.rows = reader.load_rows(0, result.ntuples, tuple)
            elif result.status != pq.ExecStatus.COMMAND_OK:
                if answer is None:
                    names.pop(statement, None)
                fault = fault or errors.error_from_result(result)
        if fault is not None:
            raise fault


@contextmanager
def transaction(connection: Raw) -> Iterator[Exchange]:
    """Begins with the first statements that are sent and commits with the last; an exception undoes it."""
    exchange = Exchange(connection)
    exchange.ask("BEGIN")
    try:
        yield exchange
        exchange.ask("COMMIT")
        exchange.send()
    except BaseException:
        if not connection.closed and connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            connection.rollback()
        raise


def _conversation(pgconn: pq.abc.PGconn) -> Generator[Wait, Ready | int, list[pq.abc.PGresult]]:
    """Write and read as either is possible, until the answer to the sync. In psycopg's form: it yields what it waits for."""
    results: list[pq.abc.PGresult] = []
    wanted = Wait.RW
    while True:
        ready = yield wanted
        if ready & Ready.R:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    continue  # between one statement's results and the next one's
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    return results
                results.append(result)
        if ready & Ready.W and not pgconn.flush():
            wanted = Wait.R


def _numbered(statement: str) -> str:
    """`%s` to `$1`, `$2`, …"""
    first, *others = statement.split("%s")
    return first + "".join(f"${place}{other}" for place, other in enumerate(others, start=1))
