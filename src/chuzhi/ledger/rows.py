"""Plain values to and from PostgreSQL, a column at a time: a batch of any size is one statement a table."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection, Cursor

Raw = Connection[tuple[Any, ...]]
"""A psycopg connection as it comes, Django's own or the poster's."""


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array of numbers, times or identifiers, which need no quotes."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """A PostgreSQL array of any texts, quoted."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(connection: Raw, statement: str, parameters: Sequence[object]) -> "Cursor[tuple[Any, ...]]":
    """A statement with server-side parameters, prepared: Django's cursors would paste them into the text."""
    cursor = Cursor(connection)
    cursor.execute(statement, parameters, prepare=True)
    return cursor
