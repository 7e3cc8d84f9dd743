"""One verdict over one moment: every check inside a single read-only snapshot, so that a live system can be verified."""

import queue
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from psycopg import Connection, IsolationLevel
from psycopg.pq import TransactionStatus

from chuzhi.ledger import heads
from chuzhi.ledger.findings import Check, Finding, Report
from chuzhi.ledger.proof import again, holdings, journal, refunds, rights, standing

Raw = Connection[tuple[Any, ...]]
Tell = Callable[[str, float], None]
Answer = TypeVar("Answer")

CHECKS = (*journal.CHECKS, *holdings.CHECKS, *standing.CHECKS)
SHOWN = 20
UNDER_WAY = Check("under way", standing.UNDER_WAY)
MEMORY = "64MB"
"""For one sort or hash of one connection; PostgreSQL may take twice that for a hash."""

BOOKS = """
    SELECT book FROM ledger_book_head UNION SELECT book FROM ledger_lot UNION SELECT book FROM ledger_batch ORDER BY book"""
SIZE = "SELECT count(*), coalesce(sum(cardinality(lots)), 0) FROM ledger_operation"


def verify(
    connection: Raw,
    *,
    heads_file: Path | None = None,
    deep: bool = False,
    workers: int = 1,
    tell: Tell | None = None,
    joined: Callable[[Sequence[Raw]], None] | None = None,
) -> Report:
    """Check every invariant of docs/ledger.md from rows alone.

    `workers` connections share one snapshot, each with its part of the books; inside an open transaction there is only the
    one given. `heads_file` compares with what was exported; `deep` decides the whole journal again through the engine.
    `tell` hears of each check when it is done, `joined` of the connections that are used.
    """
    started = time.perf_counter()
    report = Report()
    with _snapshot(connection, workers) as connections:
        if joined is not None:
            joined(connections)
        books = [row[0] for row in connection.execute(BOOKS)]
        report.books = len(books)
        report.operations, report.legs = connection.execute(SIZE).fetchall()[0]
        shares = [books[number :: len(connections)] for number in range(len(connections))]
        for check in CHECKS:
            if not check.is_whole:
                with _timed(report, check.name, tell):
                    _note(report, _side_by_side(_rows, connections, [check] * len(connections), shares))
        with _timed(report, "refunds", tell):
            for wrong in _side_by_side(_listed_refunds, connections, shares):
                report.add(wrong[:SHOWN], len(wrong))
        _ask_whole(report, connections, books, tell)
        with _timed(report, "rights", tell):
            _list(report, connection, rights.check(connection, role=str(settings.DATABASES["default"]["USER"])))
        if heads_file is not None:
            with _timed(report, "exported heads", tell):
                _list(report, connection, heads.check(connection, heads_file))
        if deep:
            with _timed(report, "again", tell):
                _list(report, connection, again.check(connection, books))
    report.seconds = time.perf_counter() - started
    return report


def _side_by_side(ask: Callable[..., Answer], connections: Sequence[Raw], *each: Sequence[Any]) -> list[Answer]:
    """The same question to every connection, each with its own part."""
    if len(connections) == 1:
        return [ask(connections[0], *(part[0] for part in each))]
    with ThreadPoolExecutor(len(connections)) as pool:
        return list(pool.map(ask, connections, *each))


def _ask_whole(report: Report, connections: Sequence[Raw], books: list[int], tell: Tell | None) -> None:
    """What cannot be asked book by book: one question after the other for each connection that is free."""
    free: queue.SimpleQueue[Raw] = queue.SimpleQueue()
    for connection in connections:
        free.put(connection)

    def ask(check: Check) -> list[tuple[Any, ...]]:
        connection = free.get()
        try:
            with _timed(report, check.name, tell):
                return _rows(connection, check, books)
        finally:
            free.put(connection)

    whole = [check for check in CHECKS if check.is_whole]
    with ThreadPoolExecutor(len(connections)) as pool:
        under_way, *answers = pool.map(ask, [UNDER_WAY, *whole])
    _note(report, answers)
    _note_transit(report, under_way)


def _note(report: Report, answers: Sequence[list[tuple[Any, ...]]]) -> None:
    for rows in answers:
        report.add([Finding(*row[:5]) for row in rows], rows[0][5] if rows else 0)


def _rows(connection: Raw, check: Check, books: list[int]) -> list[tuple[Any, ...]]:
    """The first findings, each with the count of all. Rows that cannot even be read are a finding, not the end."""
    limited = f"SELECT wrong.*, count(*) OVER () FROM ({check.statement}) AS wrong LIMIT {SHOWN}"
    parameters = {"books": books, "zone": str(settings.TIME_ZONE), "salt": secrets.randbits(60)}
    try:
        with connection.transaction():
            return connection.execute(limited, parameters).fetchall()
    except psycopg.DataError as fault:
        return [("I9", None, check.name, "rows that can be read", str(fault).partition("\n")[0], 1)]


def _listed(connection: Raw, findings: Iterable[Finding]) -> list[Finding]:
    wrong: list[Finding] = []
    try:
        with connection.transaction():
            wrong.extend(findings)
    except (ValueError, KeyError, TypeError, psycopg.DataError) as fault:
        wrong.append(Finding("I9", None, "the journal", "rows that can be read", repr(fault)))
    return wrong


def _listed_refunds(connection: Raw, books: list[int]) -> list[Finding]:
    return _listed(connection, refunds.check(connection, books))


def _list(report: Report, connection: Raw, findings: Iterable[Finding]) -> None:
    wrong = _listed(connection, findings)
    report.add(wrong[:SHOWN], len(wrong))


def _note_transit(report: Report, rows: Sequence[tuple[Any, ...]]) -> None:
    """Transfers under way; where these cannot be read, the check of transit has said so."""
    now = datetime.now(UTC)
    report.notes += [
        f"in transit: book {book} seq {seq}, asset {asset}, {units} units for {int((now - at).total_seconds())} s"
        for book, seq, asset, units, at, _all in rows
        if book != "I9"
    ]


@contextmanager
def _timed(report: Report, name: str, tell: Tell | None) -> Iterator[None]:
    started = time.perf_counter()
    yield
    report.spent[name] = time.perf_counter() - started
    if tell is not None:
        tell(name, report.spent[name])


@contextmanager
def _snapshot(connection: Raw, workers: int) -> Iterator[list[Raw]]:
    """The connections of a verification, all looking at one moment."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        _prepare(connection)
        yield [connection]
        return
    with ExitStack() as stack:
        stack.enter_context(_reading(connection))
        name = connection.execute("SELECT pg_export_snapshot()").fetchall()[0][0]
        others = [stack.enter_context(_another(connection)) for _number in range(workers - 1)]
        for other in others:
            stack.enter_context(_reading(other))
            other.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
        for each in (connection, *others):
            _prepare(each)
        yield [connection, *others]


@contextmanager
def _reading(connection: Raw) -> Iterator[None]:
    level, is_reading = connection.isolation_level, connection.read_only
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with connection.transaction():
            yield
    finally:
        if not connection.closed:
            connection.isolation_level, connection.read_only = level, is_reading


def _another(like: Raw) -> Raw:
    info = like.info
    return psycopg.connect(
        host=info.host, port=info.port, dbname=info.dbname, user=info.user, password=info.password, autocommit=True
    )


def _prepare(connection: Raw) -> None:
    for statement in (
        f"SET LOCAL work_mem = '{MEMORY}'",
        "SET LOCAL jit = off",
        "SET LOCAL enable_memoize = off",
        "SET LOCAL enable_bitmapscan = off",
        "SET LOCAL timezone = 'UTC'",
        "SET LOCAL max_parallel_workers_per_gather = 0",
    ):
        connection.execute(statement)
