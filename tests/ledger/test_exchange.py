"""Statements that travel together: what each is told, what a fault leaves behind, and by which index rows are found."""

import make
import psycopg
import pytest
from django.db import connection, transaction

from chuzhi.ledger import poster, reading, rows
from chuzhi.ledger.rows import Exchange


@pytest.fixture
def raw(db: None) -> rows.Raw:
    connection.ensure_connection()
    return connection.connection  # type: ignore[no-any-return]  # Django does not say what it wraps


def test_each_statement_has_its_own_answer(raw: rows.Raw) -> None:
    exchange = Exchange(raw)
    first = exchange.ask("SELECT %s::int + 1, %s::text", ["41", "茶"])
    none = exchange.ask("SELECT 1 WHERE FALSE")
    many = exchange.ask("SELECT * FROM unnest(%s::text[]) t", [rows.texts(["a", 'b"', "c\\", "d,e", "{f}", "NULL", ""])])

    exchange.send()

    assert first.rows == [(42, "茶")]
    assert none.rows == []
    assert [row[0] for row in many.rows] == ["a", 'b"', "c\\", "d,e", "{f}", "NULL", ""]


def test_a_text_with_nul_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match="NUL"):
        rows.texts(["fine", "not\0fine"])
    with pytest.raises(ValueError, match="NUL"):
        rows.texts(["\0"])
    assert rows.texts([]) == "{}"


@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT nothing FROM nowhere", "SELECT )"])
def test_after_a_fault_the_connection_and_the_statement_can_be_used_again(raw: rows.Raw, statement: str) -> None:
    for _each in range(2):
        exchange = Exchange(raw)
        exchange.ask(statement)
        later = exchange.ask("SELECT 'after the fault'")
        with pytest.raises(psycopg.Error), transaction.atomic():
            exchange.send()
        assert later.rows == []

    exchange = Exchange(raw)
    later = exchange.ask("SELECT 'after the fault'")
    exchange.send()
    assert later.rows == [("after the fault",)]


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_a_transaction_that_was_promised_is_begun() -> None:
    connection.ensure_connection()
    with transaction.atomic():
        exchange = Exchange(connection.connection)
        exchange.ask("INSERT INTO ledger_asset (id, code) VALUES (32000, 'TEST')")
        exchange.send()
        transaction.set_rollback(True)

    exchange = Exchange(connection.connection)
    left = exchange.ask("SELECT code FROM ledger_asset WHERE id = 32000")
    exchange.send()
    assert left.rows == []


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_a_fault_undoes_the_whole_transaction_and_the_connection_lives_on() -> None:
    lane = poster.connect()
    with pytest.raises(psycopg.errors.DivisionByZero):
        write_and_fail(lane)

    with rows.transaction(lane) as exchange:
        left = exchange.ask("SELECT code FROM ledger_asset WHERE id = 32000")
    lane.close()
    assert left.rows == []


def test_rows_are_found_by_their_key_however_small_the_journal_was_when_they_were_first_looked_for(raw: rows.Raw) -> None:
    """Nobody has analyzed the table: the plan that was made for an empty one must not stay."""
    make.cny()
    raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    keys = ["{0}", "{00000000000000000000000000000001}"]
    look_for(raw, keys)
    raw.execute("""
        INSERT INTO ledger_operation (book, seq, wallet, kind, asset, amount, lots, leg_pots, accounts, amounts, promises, pots,
            balances, helds, effective_at, time, actor, key_hash, fingerprint, details, outcome)
        SELECT 0, n, n, 1, 1, 1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', now(), now(), '', md5(n::text)::uuid,
            md5(n::text)::uuid, '', '' FROM generate_series(1, 3000) n""")

    for _each in range(rows._sessions[raw].sent + 1):
        look_for(raw, keys)

    name = rows._sessions[raw].names[reading.BY_KEY].decode()
    plan = raw.execute(f"EXPLAIN EXECUTE \"{name}\"('{keys[0]}', '{keys[1]}')").fetchall()
    assert "operation_key_once" in str(plan)


def write_and_fail(lane: rows.Raw) -> None:
    with rows.transaction(lane) as exchange:
        exchange.ask("INSERT INTO ledger_asset (id, code) VALUES (32000, 'TEST')")
        exchange.send()
        exchange.ask("SELECT 1 / 0")


def look_for(raw: rows.Raw, keys: list[str]) -> None:
    exchange = Exchange(raw)
    exchange.ask(reading.BY_KEY, keys)
    exchange.send()
