"""Registering a customer and keeping what we know of them right."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import contacts, fields, history, names, rules
from chuzhi.customers.errors import (
    ChangedMeanwhile,
    CustomerUnknown,
    ExternalIdInvalid,
    ExternalIdTaken,
    FavouriteInvalid,
    MethodUnknown,
    NotesTooLong,
    PhoneTaken,
    TagInvalid,
    TillNoteInvalid,
)
from chuzhi.customers.field_errors import FieldUnknown
from chuzhi.customers.indexes import Index
from chuzhi.customers.models import Customer, FieldChange, ImportBatch
from chuzhi.customers.record_models import Record
from chuzhi.customers.rules import Values
from chuzhi.ledger import books
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store

LONGEST_NOTES = 4000
MOST_TAGS = 30
LONGEST_TAG = 30
LONGEST_EXTERNAL_ID = 64
LONGEST_FAVOURITE = 80
LONGEST_TILL_NOTE = 200
METHODS = tuple(method.name.lower() for method in Method if method is not Method.PARTNER)
"""The ways of paying that somebody may prefer."""


AT_ONCE = 1000


class Given(TypedDict, total=False):
    """What may be said about a customer, as people type it. What is absent stays as it is; empty text means none."""

    name: str
    phone: str | None
    email: str | None
    identity_number: str | None
    born_on: date | str | None
    notes: str | None
    tags: Sequence[str]
    external_id: str | None
    home_store: Store | None
    owner: Staff | None
    favourite: str | None
    preferred_method: str | None
    till_note: str | None
    custom: Values | Mapping[str, object]  # of the shop's own fields, by key


COLUMNS = (*(Given.__annotations__.keys() - {"custom"}), "custom_open", "custom_sealed")


@transaction.atomic
def register(*, by: Actor, key: str | None = None, is_made_up: bool = False, **given: Unpack[Given]) -> Customer:
    """A new customer. Asking twice with one key registers once and answers with the first."""
    registration = _registration(by, key)
    if registration and (known := Customer.objects.filter(registration=registration).select_related("merged_into").first()):
        return known.merged_into or known
    customer = Customer(registration=registration, is_made_up=is_made_up)
    customer.pk = reserve_ids(1)[0]
    customer.book = books.book_for(customer.pk)
    customer.created_at = customer.changed_at = timezone.now()
    # An empty name is refused as any other wrong one.
    _apply(customer, _cleaned({"name": "", **given}, by=by, is_new=True))
    customer.index(vault.latest())
    with _taken_once(customer):
        customer.save(force_insert=True)
    audit.record("customer.registered", f"customer:{customer.pk}", by=by, given=sorted(given))
    return customer


@transaction.atomic
def change(*, customer: Customer, by: Actor, version: int | None = None, **given: Unpack[Given]) -> Customer:
    """Change what is given. With the `version` the page was shown at, a change made in between is not overwritten."""
    held = Customer.objects.select_for_update().filter(pk=customer.pk, withdrawn_at=None).first()
    if held is None:
        raise CustomerUnknown
    if version is not None and held.version != version:
        raise ChangedMeanwhile
    clean = _cleaned(given, by=by)
    changed = history.differences(held, clean)
    if not changed:
        return held
    _apply(held, clean)
    with _taken_once(held):
        _write([held], changed, by=by)
    audit.record("customer.changed", f"customer:{held.pk}", by=by, changed=sorted(one.field for one in changed))
    return held


@transaction.atomic
def change_many(changes: Sequence[tuple[Customer, Given]], *, by: Actor, batch: ImportBatch) -> None:
    """What a file says of many, of values in the form that is kept. The caller holds the rows; a number that is taken is an
    IntegrityError.
    """
    for start in range(0, len(changes), AT_ONCE):
        some = changes[start : start + AT_ONCE]
        kept = [one for customer, clean in some for one in history.differences(customer, clean)]
        for customer, clean in some:
            _apply(customer, clean)
        _write([customer for customer, _clean in some], kept, by=by, batch=batch)


@transaction.atomic
def withdraw(customers: QuerySet[Customer], *, by: Actor) -> int:
    """Forget everything about these customers and show them no more. The rows stay: ledger and audit may point at them."""
    FieldChange.objects.filter(customer__in=customers.filter(withdrawn_at=None)).delete()
    Record.objects.filter(customer__in=customers.filter(withdrawn_at=None)).delete()
    count = empty(customers)
    audit.record("customer.withdrawn", "customer:many", by=by, count=count)
    return count


def empty(customers: QuerySet[Customer]) -> int:
    """Nothing personal is left in these rows, and nothing finds them. Answers how many there were."""
    now = timezone.now()
    return customers.filter(withdrawn_at=None).update(
        **dict.fromkeys(
            (
                "phone",
                "email",
                "identity_number",
                "born_on",
                "notes",
                "external_id",
                "registration",
                "till_note",
                "custom_sealed",
            )
        ),
        **dict.fromkeys(("phone_mark", "email_mark", "identity_mark")),
        **dict.fromkeys(("name", "written", "pinyin", "initials", "sort_key", "name_keys"), ""),
        tags=[],
        favourite="",
        preferred_method="",
        custom_open={},
        blind_tokens=[],
        version=F("version") + 1,
        changed_at=now,
        withdrawn_at=now,
    )


def put_back(customer: Customer) -> None:
    """A record that was emptied, with the values it has again. Refuses a phone or outside number that somebody else has now."""
    customer.withdrawn_at, customer.changed_at = None, timezone.now()
    customer.version += 1
    customer.index(vault.latest())
    with _taken_once(customer):
        customer.save(force_update=True)


@transaction.atomic
def reveal_field(customer: Customer, key: str, *, by: Actor) -> Any:
    """A personal value of the shop's own fields, whole. Each look is kept with who took it."""
    require(by, "customers.reveal")
    one = fields.definitions(by).get(key)
    if one is None or one.is_archived:
        raise FieldUnknown(field=key[:60])
    audit.record("customer.field_revealed", f"customer:{customer.pk}", by=by, field=key)
    return customer.custom.all.get(key)


@transaction.atomic
def reveal_phone(customer: Customer, *, by: Actor, reason: str = "") -> str:
    """The whole number, for somebody who has to call it. Each look is kept with who took it."""
    audit.record("customer.phone_revealed", f"customer:{customer.pk}", by=by, reason=reason)
    return customer.phone or ""


def looks_lately(by: Actor) -> int:
    """How many numbers somebody has looked at in the last hour."""
    since = timezone.now() - timedelta(hours=1)
    return AuditEntry.objects.filter(actor=by.label, action="customer.phone_revealed", at__gt=since).count()


def reserve_ids(count: int) -> list[int]:
    """Ids for rows that must know theirs before they are written: the book follows from it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('customer', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [identity for (identity,) in cursor.fetchall()]


def cleaned(given: Given) -> Given:
    """The same facts as they are kept. Refuses the first that cannot be."""
    clean: dict[str, Any] = dict(given)
    for field, value in given.items():
        if field in _KEPT:
            clean[field] = _KEPT[field](value or "")
    if "born_on" in given:
        born = given["born_on"]
        clean["born_on"] = contacts.birthday(born, today=timezone.localdate()) if born else None
    if "tags" in given:
        clean["tags"] = tags(given["tags"])
    return clean  # type: ignore[return-value]  # of the same fields


def favourite(given: str) -> str:
    text = " ".join(given.split())
    if len(text) > LONGEST_FAVOURITE or not text.isprintable():
        raise FavouriteInvalid
    return text


def preferred_method(given: str) -> str:
    if given and given not in METHODS:
        raise MethodUnknown(given=given[:20])
    return given


def till_note(given: str) -> str | None:
    text = given.replace("\x00", "").strip()
    if len(text) > LONGEST_TILL_NOTE:
        raise TillNoteInvalid
    return text or None


def _cleaned(given: Given, *, by: Actor, is_new: bool = False) -> Given:
    """With the shop's own fields, as far as this actor sees them. Whoever speaks of them of somebody new says all required."""
    clean = cleaned(given)
    if "custom" in given:
        said = given["custom"]
        clean["custom"] = rules.checked(said, fields.definitions(by), is_new=is_new) if isinstance(said, Mapping) else said
    return clean


def notes(given: str) -> str | None:
    text = given.replace("\x00", "").strip()
    if len(text) > LONGEST_NOTES:
        raise NotesTooLong(most=LONGEST_NOTES)
    return text or None


def tags(given: Sequence[str]) -> list[str]:
    """Each once, in the order given."""
    clean = list(dict.fromkeys(" ".join(tag.split()) for tag in given))
    if len(clean) > MOST_TAGS or any(not 0 < len(tag) <= LONGEST_TAG or not tag.isprintable() for tag in clean):
        raise TagInvalid
    return clean


def external_id(given: str) -> str | None:
    text = given.strip()
    if len(text) > LONGEST_EXTERNAL_ID or not text.isprintable():
        raise ExternalIdInvalid
    return text or None


def _if_any(kept: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda given: kept(given) if given else None


_KEPT: Mapping[str, Callable[[Any], str | None]] = {
    "name": names.clean,
    "phone": _if_any(contacts.phone),
    "email": _if_any(contacts.email),
    "identity_number": _if_any(contacts.identity_number),
    "notes": notes,
    "external_id": external_id,
    "favourite": favourite,
    "preferred_method": preferred_method,
    "till_note": till_note,
}


def _registration(by: Actor, key: str | None) -> bytes | None:
    return hashlib.sha256(f"{by.label}\0{key}".encode()).digest()[:16] if key else None


def _apply(customer: Customer, clean: Given) -> None:
    for field, value in clean.items():
        setattr(customer, field, value)


def _write(
    customers: Sequence[Customer], changes: Sequence[FieldChange], *, by: Actor, batch: ImportBatch | None = None
) -> None:
    """The only way by which what is known of customers changes: the rows, what finds them, and the history."""
    keys, now = vault.latest(), timezone.now()
    for customer in customers:
        customer.index(keys)
        customer.version += 1
        customer.changed_at = now
    for one in changes:
        one.version, one.batch, one.by, one.at = one.customer.version, batch, by.label, now
    Customer.objects.bulk_update(customers, (*COLUMNS, "version", "changed_at", *Index._fields), batch_size=200)
    FieldChange.objects.bulk_create(changes, batch_size=AT_ONCE)


@contextmanager
def _taken_once(customer: Customer) -> Iterator[None]:
    """What only one customer can have is refused before the write, and where somebody else took it in between."""
    others, keys = Customer.objects.exclude(pk=customer.pk), vault.latest()
    if customer.phone and others.filter(phone_mark__in=keys.marks(customer.phone, kind="phone")).exists():
        raise PhoneTaken
    if customer.external_id and others.filter(external_id=customer.external_id).exists():
        raise ExternalIdTaken
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        constraint = getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or ""
        if constraint == "customer_phone_once":
            raise PhoneTaken from None
        if constraint == "customer_external_id_once":
            raise ExternalIdTaken from None
        raise


@transaction.atomic
def index_again(*, batch: int = 1000) -> int:
    """Index up to `batch` customers whom an older index key marked. 0 when there are none left."""
    keys = vault.latest()
    stale = list(Customer.objects.select_for_update().exclude(index_key=keys.index.current).order_by("pk")[:batch])
    for customer in stale:
        customer.index(keys)
    Customer.objects.bulk_update(stale, Index._fields, batch_size=200)
    return len(stale)
