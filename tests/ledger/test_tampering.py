"""Somebody with the owner's rights changes one field, a row, an order, or everything: the verifier names the place.

Every column of every ledger table is tried: one that no check covers fails here on the day it is added.
"""

import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from django.apps import apps
from django.db import connection, connections, models, transaction
from psycopg import sql

from chuzhi.core import actors
from chuzhi.ledger import followers, heads, periods
from chuzhi.ledger.findings import Report
from chuzhi.ledger.proof import verification

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
COLUMNS = [
    (model._meta.db_table, field.column, field)
    for model in apps.get_app_config("ledger").get_models()
    if model._meta.managed
    for field in model._meta.concrete_fields
    if field.column is not None
]
CURSORS_OF_READERS = {"ledger_follower", "verification"}
SEALED_BY_EXPORTED_HEADS = {"ledger_asset", "ledger_period", "ledger_period_book"}
KEYS = {"seq", "id", "batch_no", "wallet", "period", "account", "pot"}
PLACES = {
    "ledger_asset": "asset {id}",
    "ledger_book_head": "head",
    "ledger_batch": "batch {batch_no}",
    "ledger_operation": "seq {seq}",
    "ledger_lot": "lot {id}",
    "ledger_hold": "hold {id}",
    "ledger_given_back": "seq {seq}",
    "ledger_wallet_state": "wallet {wallet}",
    "ledger_system_total": "account {account}",
    "ledger_period": "period {id}",
    "ledger_period_book": "period {period}",
    "ledger_snapshot": "period {period}, account {account}",
}


@dataclass(frozen=True)
class Evidence:
    """The heads that were exported while all was well."""

    heads: Path


@pytest.fixture(scope="module")
def evidence(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Evidence]:
    """The story on a connection with the owner's rights, in one transaction that is rolled back after this module."""
    patched = pytest.MonkeyPatch()
    patched.setattr("django.conf.settings.LEDGER_HEADS_FOLDER", str(tmp_path_factory.mktemp("heads")), raising=False)
    mine, owner = connections["default"], connections["owner"].settings_dict
    with django_db_blocker.unblock():
        mine.close()
        patched.setattr(mine, "settings_dict", mine.settings_dict | {"USER": owner["USER"], "PASSWORD": owner["PASSWORD"]})
        with transaction.atomic():
            make.story(NOON)
            periods.close(until=NOON + timedelta(days=12, hours=1), by=actors.system("clock"))
            followers.follow("receipts", lambda entries: None)
            _drop_checks()
            path, _lines = heads.export(mine.connection)
            assert verification.verify(mine.connection, heads_file=path).findings == []
            yield Evidence(path)
            transaction.set_rollback(True)
        mine.close()
    patched.undo()


@pytest.fixture
def tampered(evidence: Evidence, django_db_blocker: Any) -> Iterator[Evidence]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield evidence
        transaction.set_rollback(True)


def _drop_checks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE conrelid::regclass::text LIKE 'ledger_%' AND contype = 'c'"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def changed(value: Any, field: "models.Field[Any, Any]") -> Any:
    """Another value of the same type."""
    kinds: list[tuple[type, Any]] = [
        (bool, lambda: not value),
        (int, lambda: value + (101 if isinstance(field, models.SmallIntegerField) else 1_000 if field.name in KEYS else 1)),
        (datetime, lambda: value + timedelta(seconds=1)),
        (date, lambda: value - timedelta(days=1)),
        (uuid.UUID, lambda: uuid.UUID(int=value.int ^ 1)),
        (bytes, lambda: bytes([value[0] ^ 1]) + value[1:]),
        (str, lambda: (value + " ") if isinstance(field, models.TextField) else (value[:-1] + "~")),
        (list, lambda: [value[0] + 1, *value[1:]] if value else [7]),
    ]
    for kind, make_other in kinds:
        if isinstance(value, kind):
            return make_other()
    empty: dict[type, Any] = {
        models.UUIDField: uuid.uuid4(),
        models.CharField: "x",
        models.DateTimeField: NOON,
        models.DateField: NOON.date(),
    }
    return next((other for kind, other in empty.items() if isinstance(field, kind)), 1)


def change(table: str, column: str, field: "models.Field[Any, Any]", nth: int) -> dict[str, set[Any]]:
    """Change one field of the nth row; answers the row as it was and as it is, value by value."""
    names = [each for table_, each, _field in COLUMNS if table_ == table]
    raw = connection.connection
    selected = sql.SQL("SELECT ctid::text, {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    rows = raw.execute(selected).fetchall()
    place, *values = rows[nth % len(rows)]
    row = dict(zip(names, values, strict=True))
    other = changed(row[column], field)
    statement = sql.SQL("UPDATE {} SET {} = %s WHERE ctid = %s::tid").format(sql.Identifier(table), sql.Identifier(column))
    raw.execute(statement, [other, place])
    return {name: {value, other} if name == column else {value} for name, value in row.items() if not isinstance(value, list)}


def verify(heads_file: Path | None = None) -> Report:
    return verification.verify(connection.connection, heads_file=heads_file)


@pytest.mark.parametrize("nth", [0, 7])
@pytest.mark.parametrize(
    ("table", "column", "field"),
    [pytest.param(*each, id=f"{each[0]}.{each[1]}") for each in COLUMNS if each[0] not in CURSORS_OF_READERS],
)
def test_one_changed_field_is_found_where_it_is(
    tampered: Evidence, table: str, column: str, field: "models.Field[Any, Any]", nth: int
) -> None:
    row = change(table, column, field, nth)

    report = verify(tampered.heads if table in SEALED_BY_EXPORTED_HEADS else None)

    named = places(table, row)
    assert not report.is_clean
    assert any(re.search(rf"\b{place}\b", finding.place) for place in named for finding in report.findings), report.findings


def places(table: str, row: dict[str, set[Any]]) -> set[str]:
    """Where a finding may point: the row's name before or after, or the batch that seals it."""
    names = re.findall(r"{(\w+)}", PLACES[table])
    said = {
        PLACES[table].format(**dict(zip(names, values, strict=True)))
        for values in itertools.product(*(row[name] for name in names))
    }
    if table == "ledger_operation":
        sealing = "SELECT batch_no FROM ledger_batch WHERE book = ANY(%s) AND ARRAY[first_seq, last_seq] && %s::bigint[]"
        said |= {f"batch {each}" for (each,) in connection.connection.execute(sealing, [list(row["book"]), list(row["seq"])])}
    return said


def test_a_deleted_last_batch_is_found_by_rows_or_by_heads(tampered: Evidence) -> None:
    raw = connection.connection
    book, batch_no, first = raw.execute(
        "SELECT book, batch_no, first_seq FROM ledger_batch ORDER BY book, batch_no DESC"
    ).fetchone()
    raw.execute("DELETE FROM ledger_batch WHERE book = %s AND batch_no = %s", [book, batch_no])
    raw.execute("DELETE FROM ledger_operation WHERE book = %s AND seq >= %s", [book, first])

    by_rows = verify()
    raw.execute(
        "UPDATE ledger_book_head h SET (last_batch, last_seq, last_time, head_hash) = (b.batch_no, b.last_seq, b.time, b.hash)"
        " FROM ledger_batch b WHERE b.book = h.book AND h.book = %s AND b.batch_no = %s",
        [book, batch_no - 1],
    )
    by_heads = verify(tampered.heads)

    assert any(finding.place == "head" and finding.book == book for finding in by_rows.findings)
    assert any(f"batch {batch_no} " in finding.place and finding.found == "no such batch" for finding in by_heads.findings)


def test_two_batches_in_another_order_are_found(tampered: Evidence) -> None:
    renumber = "UPDATE ledger_batch SET batch_no = %s WHERE book = 0 AND batch_no = %s"
    for now, before in ((1_000, 3), (3, 4), (4, 1_000)):
        connection.connection.execute(renumber, [now, before])

    report = verify()

    assert {"batch 3", "batch 4"} <= {finding.place.partition(" (")[0] for finding in report.findings}


def test_a_deleted_operation_is_a_gap(tampered: Evidence) -> None:
    connection.connection.execute("DELETE FROM ledger_operation WHERE book = 0 AND seq = 5")

    report = verify()

    assert any(
        finding.invariant == "I8" and finding.place == "seq 6" and finding.expected == "seq 5" for finding in report.findings
    )


@pytest.mark.parametrize(
    "table", ["ledger_lot", "ledger_hold", "ledger_given_back", "ledger_wallet_state", "ledger_system_total", "ledger_snapshot"]
)
def test_a_deleted_row_is_missed(tampered: Evidence, table: str) -> None:
    connection.connection.execute(f"DELETE FROM {table} WHERE ctid = (SELECT min(ctid) FROM {table})")

    assert not verify().is_clean


@pytest.mark.parametrize("column", ["details", "outcome"])
@pytest.mark.parametrize("kind", [1, 2, 3, 6, 9, 10, 12])
def test_a_text_that_cannot_be_read_is_a_finding_and_not_the_end(tampered: Evidence, kind: int, column: str) -> None:
    connection.connection.execute(f"UPDATE ledger_operation SET {column} = '[{{' WHERE kind = {kind}")

    report = verification.verify(connection.connection, deep=True)

    assert any("rows that can be read" in finding.expected for finding in report.findings) or "I12" in report.named()
    assert any(finding.expected == "texts that are JSON" for finding in report.findings)


def test_a_whole_chain_written_anew_is_caught_by_the_exported_heads(tampered: Evidence) -> None:
    """The forger takes a cent from nobody: changes who acted, and seals every batch again."""
    raw = connection.connection
    raw.execute("UPDATE ledger_operation SET actor = 'staff:7' WHERE book = 0 AND seq = 3")
    reseal(0)

    by_rows, by_heads = verify(), verify(tampered.heads)

    assert by_rows.is_clean
    assert [finding.book for finding in by_heads.findings] == [0]
    assert "hash" in by_heads.findings[0].expected


def reseal(book: int) -> None:
    """A forger's own sealing, from docs/ledger.md."""
    raw = connection.connection
    before = b"\0" * 32
    micros = "(extract(epoch FROM {}) * 1000000)::bigint"
    for batch_no, first, last, at in raw.execute(
        f"SELECT batch_no, first_seq, last_seq, {micros.format('time')} FROM ledger_batch WHERE book = %s ORDER BY batch_no",
        [book],
    ).fetchall():
        rows = raw.execute(
            "SELECT seq, wallet, kind, asset, amount, refusal, lots::text, leg_pots::text, accounts::text,"
            " amounts::text, promises::text, pots::text, balances::text, helds::text, ref_seq,"
            f" {micros.format('effective_at')}, {micros.format('time')}, actor, store, till, key_hash, fingerprint,"
            " length(details), details, outcome FROM ledger_operation WHERE book = %s AND seq BETWEEN %s AND %s ORDER BY seq",
            [book, first, last],
        ).fetchall()
        lines = [f"{book}|{batch_no}|{first}|{last}|{at}"] + ["|".join(map(_written, row)) for row in rows]
        now = hashlib.sha256(before + "".join(f"{line}\n" for line in lines).encode()).digest()
        raw.execute(
            "UPDATE ledger_batch SET prev_hash = %s, hash = %s WHERE book = %s AND batch_no = %s", [before, now, book, batch_no]
        )
        before = now
    raw.execute("UPDATE ledger_book_head SET head_hash = %s WHERE book = %s", [before, book])


def _written(value: object) -> str:
    return value.hex if isinstance(value, uuid.UUID) else "" if value is None else str(value)
