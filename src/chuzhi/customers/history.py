"""What became of every field of a customer: as it was, as it is, when, by whom and from where.

Written by `profiles` in the transaction of the change itself. What is masked on a customer's page is masked here.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Model, QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers import contacts, fields
from chuzhi.customers.models import Customer, FieldChange
from chuzhi.customers.rules import Values

MASK = "••••"
MASKS = {"phone": contacts.masked_phone, "email": contacts.masked_email, "identity_number": contacts.masked_identity_number}


class Source(StrEnum):
    """Where a change came from."""

    CONSOLE = "console"
    API = "api"
    IMPORT = "import"
    CUSTOMER = "customer"
    SYSTEM = "system"


_SOURCES = {
    ActorKind.STAFF: Source.CONSOLE,
    ActorKind.KEY: Source.API,
    ActorKind.CUSTOMER: Source.CUSTOMER,
    ActorKind.SYSTEM: Source.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A change as anybody may read it who sees the customer."""

    id: int
    field: str
    before: Any
    after: Any
    at: datetime
    by: str
    source: Source
    version: int


def differences(customer: Customer, clean: Mapping[str, Any]) -> list[FieldChange]:
    """The fields that will differ, not yet written: by whom and when is for the writer to say."""
    told = [(field, getattr(customer, field), value, False) for field, value in clean.items() if field != "custom"]
    told += _custom(customer, clean.get("custom", Values()))
    return [
        FieldChange(customer=customer, field=field, before=_sealable(was), after=_sealable(value), is_sealed=is_sealed)
        for field, was, value, is_sealed in told
        if was != value
    ]


def given(changes: Iterable[FieldChange]) -> dict[str, Any]:
    """What to say to a customer so that these changes are undone."""
    before: dict[str, Any] = {}
    open_values: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for one in changes:
        key = one.field.removeprefix(fields.COLUMN)
        if key == one.field:
            before[key] = opened(key, one.before)
        else:
            (sealed if one.is_sealed else open_values)[key] = opened(key, one.before)
    return before | {"custom": Values(open_values, sealed)}


def opened(field: str, kept: str | None) -> Any:
    """A value of the history in the form in which a customer has it."""
    if kept is None:
        return [] if field == "tags" else None
    value = json.loads(kept)
    return date.fromisoformat(value) if field == "born_on" else value


def of(customer: Customer, *, by: Actor) -> QuerySet[FieldChange]:
    """The newest first; without the fields that this actor may not see."""
    return customer.changes.exclude(field__in=[f"{fields.COLUMN}{key}" for key in fields.hidden_keys(by)]).order_by("-pk")


def told(change: FieldChange) -> Told:
    return Told(
        id=change.pk,
        field=change.field,
        before=_masked(change, change.before),
        after=_masked(change, change.after),
        at=change.at,
        by=change.by,
        source=Source.IMPORT if change.batch_id else _SOURCES[ActorKind(change.by.partition(":")[0])],
        version=change.version,
    )


def _sealable(value: Any) -> str | None:
    if value in (None, "", []):
        return None
    return json.dumps(value.pk if isinstance(value, Model) else value, default=date.isoformat, ensure_ascii=False)


def _custom(customer: Customer, said: Values) -> list[tuple[str, Any, Any, bool]]:
    held = customer.custom.all
    return [(f"{fields.COLUMN}{key}", held.get(key), value, key in said.sealed) for key, value in said.all.items()]


def _masked(change: FieldChange, kept: str | None) -> Any:
    value = None if kept is None else json.loads(kept)
    if value is not None and change.is_sealed:
        return MASK
    return MASKS[change.field](value) if value and change.field in MASKS else value
