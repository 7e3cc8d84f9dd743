"""Moving stored values to the current key while the product runs: a batch of rows at a time, each in its own transaction."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from chuzhi.core import vault


def encrypted_columns() -> Iterator[tuple[type[models.Model], list[vault.Sealed]]]:
    """Every table with sealed columns, in a stable order."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.db_table):
        if fields := [field for field in model._meta.concrete_fields if isinstance(field, vault.Sealed)]:
            yield model, fields


def re_encrypt(model: type[models.Model], fields: list[vault.Sealed], *, batch: int = 1000) -> int:
    """Reseal what older keys sealed. Stopping half-way loses nothing: old keys read, and the next run goes on."""
    resealed, after = 0, 0
    while True:
        with transaction.atomic():
            changed, last = _one_batch(model, fields, after=after, batch=batch)
        if last is None:
            return resealed
        resealed, after = resealed + changed, last


def _one_batch(model: type[models.Model], fields: list[vault.Sealed], *, after: int, batch: int) -> tuple[int, int | None]:
    """How many rows were resealed, and the last key looked at; None when there are no more rows."""
    keys = vault.latest()
    table, primary = sql.Identifier(model._meta.db_table), sql.Identifier(str(model._meta.pk.column))
    columns = [sql.Identifier(str(field.column)) for field in fields]
    read = sql.SQL("SELECT {}, {} FROM {} WHERE {} > %s ORDER BY {} LIMIT %s FOR UPDATE").format(
        primary, sql.SQL(", ").join(columns), table, primary, primary
    )
    write = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        table, sql.SQL(", ").join(sql.SQL("{} = %s").format(column) for column in columns), primary
    )
    with connection.cursor() as cursor:
        cursor.execute(read, [after, batch])
        rows = cursor.fetchall()
        fresh = [
            [*(_reseal(value, field, keys) for value, field in zip(values, fields, strict=True)), identity]
            for identity, *values in rows
            if any(value and vault.key_of(bytes(value)) != keys.encryption.current for value in values)
        ]
        if fresh:
            cursor.executemany(write, fresh)
    return len(fresh), rows[-1][0] if rows else None


def _reseal(value: bytes | memoryview | None, field: vault.Sealed, keys: vault.Keys) -> bytes | None:
    if value is None:
        return None
    return keys.encrypt(keys.decrypt(bytes(value), column=field.sealed_as), column=field.sealed_as)
