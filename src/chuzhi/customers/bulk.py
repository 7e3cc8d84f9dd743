"""Registering very many customers at once: the same rows as `profiles.register` makes, written in one stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.customers import indexes, namekeys, profiles
from chuzhi.customers.models import Customer, ImportBatch
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


SEALED = ("phone", "email", "identity_number", "born_on", "notes")
_COLUMNS = (
    *("id", "book", "name", *SEALED, "tags", "external_id", "home_store_id", "is_made_up", "batch_id"),
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
