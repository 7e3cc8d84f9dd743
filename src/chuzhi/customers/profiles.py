"""Registering a customer and keeping what we know of them right."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import TypedDict, Unpack

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.customers import contacts, names
from chuzhi.customers.errors import (
    ChangedMeanwhile,
    CustomerUnknown,
    ExternalIdInvalid,
    ExternalIdTaken,
    NotesTooLong,
    PhoneTaken,
    TagInvalid,
)
from chuzhi.customers.indexes import Index
from chuzhi.customers.models import Customer
from chuzhi.ledger import books
from chuzhi.organization.models import Store

LONGEST_NOTES = 4000
MOST_TAGS = 30
LONGEST_TAG = 30
LONGEST_EXTERNAL_ID = 64


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


@transaction.atomic
def register(*, by: Actor, key: str | None = None, is_made_up: bool = False, **given: Unpack[Given]) -> Customer:
    """A new customer. Asking twice with one key registers once and answers with the first."""
    registration = _registration(by, key)
    if registration and (known := Customer.objects.filter(registration=registration).first()):
        return known
    customer = Customer(registration=registration, is_made_up=is_made_up)
    customer.pk = reserve_ids(1)[0]
    customer.book = books.book_for(customer.pk)
    customer.created_at = customer.changed_at = timezone.now()
    # An empty name is refused as any other wrong one.
    _apply(customer, cleaned({"name": "", **given}))
    _save(customer, is_new=True)
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
    clean = cleaned(given)
    changed = sorted(field for field, value in clean.items() if getattr(held, field) != value)
    if not changed:
        return held
    _apply(held, clean)
    held.version += 1
    held.changed_at = timezone.now()
    _save(held, is_new=False)
    audit.record("customer.changed", f"customer:{held.pk}", by=by, changed=changed)
    return held


@transaction.atomic
def withdraw(customers: QuerySet[Customer], *, by: Actor) -> int:
    """Forget everything about these customers and show them no more. The rows stay: ledger and audit may point at them."""
    now = timezone.now()
    count = customers.filter(withdrawn_at=None).update(
        **dict.fromkeys(("phone", "email", "identity_number", "born_on", "notes", "external_id", "registration")),
        **dict.fromkeys(("phone_mark", "email_mark", "identity_mark")),
        **dict.fromkeys(("name", "written", "pinyin", "initials", "sort_key", "name_keys"), ""),
        tags=[],
        blind_tokens=[],
        version=F("version") + 1,
        changed_at=now,
        withdrawn_at=now,
    )
    audit.record("customer.withdrawn", "customer:many", by=by, count=count)
    return count


@transaction.atomic
def reveal_phone(customer: Customer, *, by: Actor, reason: str = "") -> str:
    """The whole number, for somebody who has to call it. Each look is kept with who took it."""
    audit.record("customer.phone_revealed", f"customer:{customer.pk}", by=by, reason=reason)
    return customer.phone or ""


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
    clean = Given(**given)
    if "name" in given:
        clean["name"] = names.clean(given["name"])
    if "phone" in given:
        clean["phone"] = contacts.phone(given["phone"]) if given["phone"] else None
    if "email" in given:
        clean["email"] = contacts.email(given["email"]) if given["email"] else None
    if "identity_number" in given:
        number = given["identity_number"]
        clean["identity_number"] = contacts.identity_number(number) if number else None
    if "born_on" in given:
        born = given["born_on"]
        clean["born_on"] = contacts.birthday(born, today=timezone.localdate()) if born else None
    if "notes" in given:
        clean["notes"] = notes(given["notes"] or "")
    if "tags" in given:
        clean["tags"] = tags(given["tags"])
    if "external_id" in given:
        clean["external_id"] = external_id(given["external_id"] or "")
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


def _registration(by: Actor, key: str | None) -> bytes | None:
    return hashlib.sha256(f"{by.label}\0{key}".encode()).digest()[:16] if key else None


def _apply(customer: Customer, clean: Given) -> None:
    for field, value in clean.items():
        setattr(customer, field, value)


def _save(customer: Customer, *, is_new: bool) -> None:
    keys = vault.latest()
    customer.index(keys)
    others = Customer.objects.exclude(pk=customer.pk)
    if customer.phone and others.filter(phone_mark__in=keys.marks(customer.phone, kind="phone")).exists():
        raise PhoneTaken
    if customer.external_id and others.filter(external_id=customer.external_id).exists():
        raise ExternalIdTaken
    try:
        with transaction.atomic():
            customer.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError as clash:
        # Somebody else took it between the look and the write; only the unique keys can have said no.
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
