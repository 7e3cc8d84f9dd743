"""Is history still only added to? What the product's role may do to the journal, and the keys that keep it single."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from chuzhi.core import privileges
from chuzhi.ledger.findings import Finding

Raw = Connection[tuple[Any, ...]]

MAY_CHANGE = """
    SELECT t.name, r.rolsuper, pg_get_userbyid(c.relowner) = r.rolname,
        has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(r.oid, c.oid, 'UPDATE')
    FROM unnest(%s::text[]) AS t(name) LEFT JOIN pg_class c ON c.oid = to_regclass(t.name) LEFT JOIN pg_roles r
        ON r.rolname = %s"""

KEYS = {
    "ledger_operation": {"book,key_hash", "book,seq"},
    "ledger_batch": {"batch_no,book"},
    "ledger_lot": {"book,id,wallet"},
    "ledger_hold": {"book,id"},
    "ledger_given_back": {"book,seq"},
    "ledger_wallet_state": {"book,wallet"},
    "ledger_system_total": {"account,book,pot"},
}
UNIQUE = """
    SELECT c.relname, (SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a
                       WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND c.relname = ANY (%s)"""


def check(connection: Raw, *, role: str) -> Iterator[Finding]:
    """Findings named `rights`: the role that could rewrite an append-only table, or a table without its unique key."""
    tables = [table for table in privileges.append_only_tables() if table.startswith("ledger_")]
    for table, is_superuser, is_owner, may_change in connection.execute(MAY_CHANGE, [tables, role]):
        if is_superuser or is_owner or may_change or may_change is None:
            yield Finding("rights", None, table, f"{role} may only read and add", f"{role} may change it")
    kept: dict[str, set[str]] = {}
    for table, columns in connection.execute(UNIQUE, [list(KEYS)]):
        kept.setdefault(table, set()).add(columns)
    for table, keys in KEYS.items():
        for missing in sorted(keys - kept.get(table, set())):
            yield Finding("rights", None, table, f"a unique key on {missing}", "none")
