"""Records of the shop's own modules: added to a customer, changed, removed, found."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.customers import fields, queries, rules
from chuzhi.customers import record_errors as errors
from chuzhi.customers.field_errors import FieldUnknown
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.fields import Seen
from chuzhi.customers.models import Customer
from chuzhi.customers.record_models import Record
from chuzhi.customers.rules import CHOSEN, Kind, Values
from chuzhi.ledger.errors import KeyReused
from chuzhi.organization.authority import require

WRITE = "customers.edit"
MOST = 100
"""Of one module, of one customer."""


def visible_to(actor: Actor) -> QuerySet[Record]:
    """Of modules in use, of the customers whom this actor sees."""
    seen = Exists(queries.visible_to(actor).filter(pk=OuterRef("customer")))
    return Record.objects.filter(seen, removed_at=None, module__archived_at=None).select_related("module", "customer")


def found(records: QuerySet[Record], text: str, seen: Iterable[Seen]) -> QuerySet[Record]:
    """Those that have the text in a field that is seen and not personal; choices are found by their label."""
    meant = Q(pk=None)
    for one in seen:
        key, kind = one.definition.key, one.definition.kind
        if one.definition.is_personal or kind is Kind.YES_NO:
            continue
        if kind in CHOSEN:
            for name in _named(one, text):
                meant |= Q(custom_open__contains={key: [name] if kind is Kind.CHOICES else name})
        else:
            meant |= Q(**{f"custom_open__{key}__icontains": text})
    return records.filter(meant)


def beside(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The same customers, each with `has_modules` and `own_records`: what their page needs to lead to records, without asking."""
    mine = Record.objects.filter(customer=OuterRef("pk"), removed_at=None, module__archived_at=None).order_by()
    count = mine.values("customer").annotate(count=Count("pk")).values("count")
    has_modules = Exists(CustomModule.objects.filter(archived_at=None))
    return customers.annotate(has_modules=has_modules, own_records=Coalesce(Subquery(count), 0))


def counted(customer: Customer, actor: Actor) -> dict[int, int]:
    """How many there are of each module."""
    rows = visible_to(actor).filter(customer=customer).values_list("module").annotate(count=Count("pk")).order_by("module")
    return dict(rows)


@transaction.atomic
def add(*, customer: Customer, module: CustomModule, values: Mapping[str, object], by: Actor, key: str | None = None) -> Record:
    """A new record. Refuses an archived module, values that cannot be, none at all, and one too many.

    Asking twice with one key adds one and answers with it as it is by now; asking something else with it is refused.
    """
    require(by, WRITE)
    asked_for = hashlib.sha256(f"{by.label}\0{key}".encode()).digest()[:16] if key else None
    Customer.objects.select_for_update().get(pk=customer.pk)
    if asked_for and (known := Record.objects.filter(asked_for=asked_for).select_related("module", "customer").first()):
        return _same(known, customer, module, values)
    _in_use(module)
    if Record.objects.filter(customer=customer, module=module, removed_at=None).count() >= MOST:
        raise errors.TooManyRecords(most=MOST)
    record = Record(customer=customer, module=module, made_by=by.label, asked_for=asked_for)
    record.asked_with = _imprint(values) if key else None
    _take(record, rules.checked(values, fields.definitions(by, module), is_new=True))
    with _key_of_another():
        record.save(force_insert=True)
    _note("record.added", record, by)
    return record


@transaction.atomic
def change(*, record: Record, values: Mapping[str, object], by: Actor, version: int | None = None) -> Record:
    """Change what is given. With the `version` that was shown, a change made in between is not overwritten."""
    held = _held(record, by, version)
    now = rules.checked(values, fields.definitions(by, held.module)).besides(held.custom)
    if now.all:
        _take(held, now)
        held.version, held.changed_at = held.version + 1, timezone.now()
        held.save()
        _note("record.changed", held, by, fields=sorted(now.all))
    return held


@transaction.atomic
def remove(*, record: Record, by: Actor, version: int | None = None) -> None:
    """It is shown no more, and kept."""
    held = _held(record, by, version)
    held.version, held.removed_at, held.removed_by = held.version + 1, timezone.now(), by.label
    held.save()
    _note("record.removed", held, by)


@transaction.atomic
def reveal(record: Record, *, by: Actor) -> Mapping[str, Any]:
    """The personal values of a record, whole, as far as this actor sees their fields. Each look is kept with who took it."""
    require(by, "customers.reveal")
    keys = {one.definition.key for one in fields.seen(by, record.module)}
    sealed = {key: value for key, value in record.custom.sealed.items() if key in keys}
    if not sealed:
        raise FieldUnknown(field="")
    _note("record.revealed", record, by, fields=sorted(sealed))
    return sealed


def _named(one: Seen, text: str) -> list[str]:
    """The choices whose label has the text, in either language."""
    made = {key: f"{zh}\n{en}" for key, zh, en, _offered in one.field.options}
    labels = made or {key: str(name) for key, name in one.names.items()}
    return [key for key, label in labels.items() if text.casefold() in label.casefold()]


def _held(record: Record, by: Actor, version: int | None) -> Record:
    require(by, WRITE)
    held = Record.objects.select_for_update(of=("self",)).select_related("module").get(pk=record.pk)
    _in_use(held.module)
    if held.removed_at is not None:
        raise errors.RecordUnknown
    if version is not None and held.version != version:
        raise errors.RecordChangedMeanwhile
    return held


def _same(known: Record, customer: Customer, module: CustomModule, values: Mapping[str, object]) -> Record:
    before = bytes(known.asked_with or b"")
    is_same = before == _imprint(values, under=vault.key_of(before))
    if not is_same or (known.customer_id, known.module_id) != (customer.pk, module.pk):
        raise KeyReused
    return known


def _imprint(values: Mapping[str, object], *, under: int | None = None) -> bytes:
    """What tells the same values from others without keeping them: some are personal, and a record changes."""
    keys = vault.latest()
    number = keys.encryption.current if under is None else under
    return number.to_bytes(2) + keys.imprint(json.dumps(values, sort_keys=True), kind="record", key=number)


@contextmanager
def _key_of_another() -> Iterator[None]:
    """Whoever adds to the same customer waits; the key that is taken all the same is that of another customer's record."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if "asked_for" in str(fault):
            raise KeyReused from fault
        raise


def _in_use(module: CustomModule) -> None:
    if not CustomModule.objects.filter(pk=module.pk, archived_at=None).exists():
        raise errors.ModuleArchived(name=module.name)


def _take(record: Record, values: Values) -> None:
    record.custom = values
    if not record.custom.all:
        raise errors.RecordEmpty


def _note(act: str, record: Record, by: Actor, **facts: Any) -> None:
    """What it held is not told: it may be personal, and the trail is kept for ever."""
    audit.record(act, f"customer:{record.customer_id}", by=by, record=record.pk, module=record.module.name, **facts)
