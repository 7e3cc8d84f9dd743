"""Modules that an administrator makes without code: what customers have besides, such as vehicles, pets and contracts."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers import fields
from chuzhi.customers import record_errors as errors
from chuzhi.customers.field_models import CustomModule
from chuzhi.organization.authority import require

MOST = 20
LONGEST_NAME = 60


@transaction.atomic
def define(*, name: str, by: Actor, place: int = 0) -> CustomModule:
    """A new module, without fields yet."""
    require(by, fields.MANAGE)
    _room()
    module = CustomModule(name=_clean(name), place=place, made_by=by.label)
    _save(module)
    audit.record("module.defined", f"module:{module.pk}", by=by, name=module.name)
    return module


@transaction.atomic
def change(*, module: CustomModule, by: Actor, name: str | None = None, place: int | None = None) -> CustomModule:
    """Another name, another place. What is not said stays."""
    require(by, fields.MANAGE)
    held = CustomModule.objects.select_for_update().get(pk=module.pk)
    before = held.name
    held.name = before if name is None else _clean(name)
    held.place = held.place if place is None else place
    _save(held)
    audit.record("module.changed", f"module:{held.pk}", by=by, before=before, name=held.name, place=held.place)
    return held


@transaction.atomic
def archive(*, module: CustomModule, by: Actor) -> CustomModule:
    """Offer it no more. Its records stay with the customers, and are shown no more."""
    require(by, fields.MANAGE)
    if CustomModule.objects.filter(pk=module.pk, archived_at=None).update(archived_at=timezone.now()):
        audit.record("module.archived", f"module:{module.pk}", by=by, name=module.name)
    return named(module.pk)


@transaction.atomic
def restore(*, module: CustomModule, by: Actor) -> CustomModule:
    require(by, fields.MANAGE)
    _room()
    if CustomModule.objects.filter(pk=module.pk).exclude(archived_at=None).update(archived_at=None):
        audit.record("module.restored", f"module:{module.pk}", by=by, name=module.name)
    return named(module.pk)


def in_use() -> list[CustomModule]:
    """In order."""
    return list(CustomModule.objects.filter(archived_at=None))


def named(number: int | None) -> CustomModule:
    """Archived or not. Raises ModuleUnknown."""
    found = CustomModule.objects.filter(pk=number).first() if number else None
    if found is None:
        raise errors.ModuleUnknown
    return found


def _room() -> None:
    if CustomModule.objects.filter(archived_at=None).count() >= MOST:
        raise errors.TooManyModules(most=MOST)


def _clean(given: str) -> str:
    name = " ".join(given.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise errors.ModuleNameInvalid(most=LONGEST_NAME)
    return name


def _save(module: CustomModule) -> None:
    try:
        with transaction.atomic():
            module.save()
    except IntegrityError:
        raise errors.ModuleNameTaken(name=module.name) from None
