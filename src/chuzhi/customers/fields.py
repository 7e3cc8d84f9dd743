"""Fields of customers, and of the records of modules, made without code: made, changed and archived; and who sees which."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.packs.errors import Worded
from chuzhi.core.packs.rules import Said
from chuzhi.customers import field_errors as errors
from chuzhi.customers import rules
from chuzhi.customers.field_models import CustomField, CustomModule
from chuzhi.customers.rules import Definition, Kind
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import PERMISSIONS

MANAGE = "fields.manage"
MOST = 100
COLUMN = "custom."
"""What the names of these fields begin with in imports, history and the API."""
MOST_OPTIONS = 200
LONGEST_LABEL = 60
LONGEST_HELP = 200

Option = tuple[str, str, str]
"""Key, Chinese, English."""


class Shape(TypedDict, total=False):
    """What may be changed of a field at any time. What is absent stays as it is."""

    label_zh: str
    label_en: str
    help_zh: str
    help_en: str
    is_required: bool
    seen_by: str
    place: int
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Seen:
    """A field with its definition, for a page or a program that asks for values."""

    field: CustomField
    definition: Definition
    names: Mapping[str, object]
    """What everything is called that could ever be chosen."""


@transaction.atomic
def define(
    *,
    key: str,
    kind: Kind,
    by: Actor,
    module: CustomModule | None = None,
    is_personal: bool = False,
    currency: str = "",
    **shape: Unpack[Shape],
) -> CustomField:
    """A new field of customers, or of a module's records. Key, kind, currency and whether it is personal stay."""
    require(by, MANAGE)
    if not rules.is_key(key):
        raise errors.KeyInvalid(field=key[:60])
    _room(module)
    field = CustomField(module=module, key=key, kind=kind, is_personal=is_personal, made_by=by.label)
    if kind is Kind.MONEY:
        money.exponent(currency)
        field.currency = currency
    _shape(field, {"label_zh": "", "label_en": "", "options": (), **shape})
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError:
        raise errors.KeyTaken(field=key) from None
    of = {"module": module.name} if module else {}
    audit.record("field.defined", f"field:{field.pk}", by=by, key=key, kind=str(kind), is_personal=is_personal, **of)
    return field


@transaction.atomic
def change(*, field: CustomField, by: Actor, **shape: Unpack[Shape]) -> CustomField:
    """Other words, another place, other choices. A choice that is taken away stays where it was chosen."""
    require(by, MANAGE)
    held = CustomField.objects.select_for_update().get(pk=field.pk)
    _shape(held, shape)
    held.save()
    audit.record("field.changed", f"field:{held.pk}", by=by, changed=sorted(shape))
    return held


@transaction.atomic
def archive(*, field: CustomField, by: Actor) -> None:
    """Ask for it no more. Values stay with the customers, and are shown no more."""
    require(by, MANAGE)
    if CustomField.objects.filter(pk=field.pk, archived_at=None).update(archived_at=timezone.now()):
        audit.record("field.archived", f"field:{field.pk}", by=by, key=field.key)


@transaction.atomic
def restore(*, field: CustomField, by: Actor) -> None:
    require(by, MANAGE)
    _room(field.module)
    if CustomField.objects.filter(pk=field.pk).exclude(archived_at=None).update(archived_at=None):
        audit.record("field.restored", f"field:{field.pk}", by=by, key=field.key)


def visible_to(actor: Actor, module: CustomModule | None = None) -> QuerySet[CustomField]:
    """The fields whose values this actor may see and give, archived ones too."""
    hidden = [name for name in PERMISSIONS if not actor.may(name)]
    return CustomField.objects.filter(module=module).exclude(seen_by__in=hidden)


def hidden_keys(actor: Actor) -> list[str]:
    own = CustomField.objects.filter(module=None)
    return list(own.exclude(pk__in=visible_to(actor)).values_list("key", flat=True))


def seen(actor: Actor, module: CustomModule | None = None) -> list[Seen]:
    """The fields in use that this actor sees, in order."""
    return _defined(visible_to(actor, module).filter(archived_at=None))


def in_use() -> dict[str, Definition]:
    """All by key, whoever may see them: for files, which bring what they bring."""
    return {one.definition.key: one.definition for one in _defined(CustomField.objects.filter(module=None, archived_at=None))}


def columns(own: Mapping[str, Definition]) -> dict[str, list[str]]:
    """What the columns of a table may be called that hold these fields: the key, and the label in both languages."""
    return {f"{COLUMN}{key}": [key, *rules.names(one.label)] for key, one in own.items()}


def definitions(actor: Actor, module: CustomModule | None = None) -> dict[str, Definition]:
    """By key, with those that are archived: giving them a value is refused by name."""
    return {one.definition.key: one.definition for one in _defined(visible_to(actor, module))}


def _room(module: CustomModule | None) -> None:
    if CustomField.objects.filter(module=module, archived_at=None).count() >= MOST:
        raise errors.TooMany(most=MOST)


def _defined(fields: Iterable[CustomField]) -> list[Seen]:
    """Stores and staff are read only where a field asks for one."""
    some = list(fields)
    kinds = {field.kind for field in some}
    named: dict[str, list[tuple[str, object, bool]]] = {}
    if Kind.STORE in kinds:
        stores = Store.objects.order_by("code").values_list("pk", "name", "is_open")
        named[Kind.STORE] = [(str(pk), name, is_open) for pk, name, is_open in stores]
    if Kind.STAFF in kinds:
        people = Staff.objects.order_by("name", "pk").values_list("pk", "name", "is_active")
        named[Kind.STAFF] = [(str(pk), name, is_active) for pk, name, is_active in people]
    return [_seen(field, named.get(field.kind, [])) for field in some]


def _seen(field: CustomField, named: Sequence[tuple[str, object, bool]]) -> Seen:
    every = named or [(key, Worded(Said(en=en, zh=zh)), is_offered) for key, zh, en, is_offered in field.options]
    offered = {key: label for key, label, is_offered in every if is_offered}
    return Seen(field, _definition(field, offered), {key: label for key, label, _offered in every})


def _definition(field: CustomField, options: Mapping[str, object]) -> Definition:
    return Definition(
        key=field.key,
        kind=Kind(field.kind),
        label=field.label,
        is_required=field.is_required,
        is_personal=field.is_personal,
        is_archived=field.archived_at is not None,
        currency=field.currency,
        options=options,
    )


def _shape(field: CustomField, shape: Shape) -> None:
    said: dict[str, Any] = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in shape.items()}
    for label in (said.get("label_zh", "x"), said.get("label_en", "x")):
        if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
            raise errors.LabelMissing
    if any(len(said.get(name, "")) > LONGEST_HELP for name in ("help_zh", "help_en")):
        raise errors.TooLong(field=field.key, label="help", most=LONGEST_HELP)
    if said.get("seen_by") and said["seen_by"] not in PERMISSIONS:
        raise errors.PermissionUnknown(permission=said["seen_by"])
    if "options" in said:
        said["options"] = _options(field, said["options"])
    for name, value in said.items():
        setattr(field, name, value)


def _options(field: CustomField, given: Sequence[Option]) -> list[list[object]]:
    """Those offered, then those that were: a customer who has one keeps it with its words."""
    if field.kind not in {Kind.CHOICE, Kind.CHOICES}:
        if given:
            raise errors.OptionsInvalid(field=field.key)
        return []
    keys = [key for key, _zh, _en in given]
    words = [word.strip() for _key, zh, en in given for word in (zh, en)]
    if not 0 < len(keys) == len(set(keys)) <= MOST_OPTIONS or not all(0 < len(word) <= LONGEST_LABEL for word in words):
        raise errors.OptionsInvalid(field=field.key)
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9_]{0,39}", key) for key in keys):
        raise errors.OptionsInvalid(field=field.key)
    gone = [[key, zh, en, False] for key, zh, en, _offered in field.options if key not in keys]
    return [*([key, zh.strip(), en.strip(), True] for key, zh, en in given), *gone]
