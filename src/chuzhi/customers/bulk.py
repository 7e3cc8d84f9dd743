"""Registering very many customers at once: the same rows as `profiles.register` makes, written in one stream."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.customers import indexes, namekeys, profiles
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.customers.rules import Values
from chuzhi.ledger import books


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer to be, every value already in the form that is kept (see `profiles.cleaned`)."""

    name: str
    phone: str | None = None
    email: str | None = None
    identity_number: str | None = None
    born_on: date | None = None
    notes: str | None = None
    tags: Sequence[str] = field(default=())
    external_id: str | None = None
    favourite: str = ""
    preferred_method: str = ""
    till_note: str | None = None
    custom: Values = field(default_factory=Values)


SEALED = ("phone", "email", "identity_number", "born_on", "notes", "till_note")
_COLUMNS = (
    *(
        "id",
        "book",
        "name",
        *SEALED,
        "tags",
        "external_id",
        "favourite",
        "preferred_method",
        "custom_open",
        "custom_sealed",
        "home_store_id",
        "is_made_up",
        "batch_id",
    ),
    *("version", "created_at", "changed_at", *indexes.Index._fields),
)


@transaction.atomic
def register(
    people: Sequence[Person],
    *,
    by: Actor,
    batch: ImportBatch | None = None,
    home_store: int | None = None,
    is_made_up: bool = False,
) -> list[int]:
    """All of them or, if a phone or outside number is taken (IntegrityError), none. Answers their ids in the same order."""
    ids = profiles.reserve_ids(len(people))
    rows = _rows(zip(ids, people, strict=True), (home_store, is_made_up, batch.pk if batch else None), timezone.now())
    stream = f"COPY customer ({', '.join(_COLUMNS)}) FROM STDIN"
    # Django does not translate the database's refusals of COPY, which it does not know.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(stream) as copy:
        for row in rows:
            copy.write_row(row)
    if ids:
        subject = f"import:{batch.pk}" if batch else "customer:many"
        audit.record("customer.registered_many", subject, by=by, count=len(ids), first=ids[0], last=ids[-1])
    return ids


def _held(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _rows(
    people: Iterator[tuple[int, Person]], same: tuple[int | None, bool, int | None], now: datetime
) -> Iterator[tuple[object, ...]]:
    """Rows as COPY wants them; what they share is worked out once."""
    keys = vault.latest()
    sealed_as = {name: Customer._meta.get_field(name).sealed_as for name in SEALED}  # type: ignore[union-attr]  # all are Sealed
    for identity, person in people:
        index = indexes.of(
            name=person.name,
            phone=person.phone,
            email=person.email,
            identity_number=person.identity_number,
            keys=keys,
        )
        yield (
            identity,
            books.book_for(identity),
            person.name,
            *(
                keys.encrypt(str(value), column=column) if (value := getattr(person, name)) else None
                for name, column in sealed_as.items()
            ),
            list(person.tags) if person.tags else "{}",
            person.external_id,
            person.favourite,
            person.preferred_method,
            json.dumps(_held(person.custom.open), ensure_ascii=False),
            keys.encrypt(json.dumps(sealed, ensure_ascii=False), column=f"{Customer._meta.db_table}.custom_sealed")
            if (sealed := _held(person.custom.sealed))
            else None,
            *same,
            1,
            now,
            now,
            *index[:4],
            namekeys.written(index.name_keys),
            *index[5:8],
            "{%s}" % ",".join(map(str, index.blind_tokens)),  # noqa: UP031 # braces read better so
            index.index_key,
        )
