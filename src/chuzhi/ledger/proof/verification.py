"""One verdict over one moment: every check inside a single read-only snapshot, so that a live system can be verified."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import Connection, IsolationLevel
from psycopg.pq import TransactionStatus

from chuzhi.ledger import heads
from chuzhi.ledger.findings import Check, Finding, Report
from chuzhi.ledger.proof import again, holdings, journal, refunds, rights, standing

Raw = Connection[tuple[Any, ...]]
Tell = Callable[[str, float], None]

CHECKS = (*journal.CHECKS, *holdings.CHECKS, *standing.CHECKS)
SHOWN = 20
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
            with _timed(report, check.name, tell):
                _ask(report, check, connections, shares, books)
        with _timed(report, "refunds", tell):
            _list(report, connection, refunds.check(connection, books))
        with _timed(report, "rights", tell):
            _list(report, connection, rights.check(connection, role=str(settings.DATABASES["default"]["USER"])))
        _note_transit(report, connection, books)
        if heads_file is not None:
            with _timed(report, "exported heads", tell):
                _list(report, connection, heads.check(connection, heads_file))
        if deep:
            with _timed(report, "again", tell):
                _list(report, connection, again.check(connection, books))
    report.seconds = time.perf_counter() - started
    return report


def _ask(report: Report, check: Check, connections: Sequence[Raw], shares: Sequence[list[int]], books: list[int]) -> None:
    if check.is_whole or len(connections) == 1:
        answers = [_rows(connections[0], check, books)]
    else:
        with ThreadPoolExecutor(len(connections)) as pool:
            answers = list(pool.map(_rows, connections, [check] * len(connections), shares))
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


def _list(report: Report, connection: Raw, findings: Iterable[Finding]) -> None:
    wrong: list[Finding] = []
    try:
        with connection.transaction():
            wrong.extend(findings)
    except (ValueError, KeyError, TypeError, psycopg.DataError) as fault:
        wrong.append(Finding("I9", None, "the journal", "rows that can be read", repr(fault)))
    report.add(wrong[:SHOWN], len(wrong))


def _note_transit(report: Report, connection: Raw, books: list[int]) -> None:
    """Transfers under way; where these cannot be read, the check of transit has said so."""
    rows = [row for row in _rows(connection, Check("under way", standing.UNDER_WAY), books) if row[0] != "I9"]
    now = datetime.now(UTC)
    report.notes += [
        f"in transit: book {book} seq {seq}, asset {asset}, {units} units for {int((now - at).total_seconds())} s"
        for book, seq, asset, units, at, _all in rows
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
