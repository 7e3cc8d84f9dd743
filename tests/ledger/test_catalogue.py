"""The tables as PostgreSQL knows them: ready to be spread by book, append-only, with nothing slow on the hot path."""

import make
import psycopg
import pytest
from django.db import connection, transaction

from chuzhi.core import privileges

pytestmark = pytest.mark.django_db
REFERENCE = {"ledger_asset", "ledger_period"}
SEQUENCES = {"ledger_period_id_seq"}
APPEND_ONLY = [table for table in privileges.append_only_tables() if table.startswith("ledger_")]


def rows(statement: str) -> list[tuple[str, ...]]:
    connection.ensure_connection()
    return [tuple(row) for row in connection.connection.execute(statement)]


def test_every_unique_key_leads_with_the_book() -> None:
    keys = rows("""
        SELECT c.relname, x.relname, a.attname
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND c.relname LIKE 'ledger\\_%'""")

    assert len(keys) >= 11
    assert {(table, key) for table, key, first in keys if first != "book" and table not in REFERENCE} == set()


def test_every_table_has_a_primary_key() -> None:
    bare = rows("""
        SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relname LIKE 'ledger\\_%'
        AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)""")

    assert bare == []


def test_there_are_no_triggers_and_no_foreign_keys() -> None:
    triggers = rows("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'ledger\\_%'")
    foreign = rows(
        "SELECT conname FROM pg_constraint WHERE contype = 'f' AND 'ledger' IN "
        "(split_part(conrelid::regclass::text, '_', 1), split_part(confrelid::regclass::text, '_', 1))"
    )

    assert (triggers, foreign) == ([], [])


def test_no_number_comes_from_a_sequence() -> None:
    sequences = {name for (name,) in rows("SELECT relname FROM pg_class WHERE relkind = 'S' AND relname LIKE 'ledger\\_%'")}

    assert sequences == SEQUENCES


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_product_cannot_rewrite_history(table: str, statement: str) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    column = rows(f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum = 1")[0][0]

    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction.atomic():
        connection.connection.execute(statement.format(table, column, column))


def test_the_journal_is_among_the_tables_that_cannot_be_rewritten() -> None:
    assert {"ledger_operation", "ledger_batch", "ledger_period", "ledger_snapshot", "ledger_asset"} <= set(APPEND_ONLY)
