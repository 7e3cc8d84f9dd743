"""Taking a checked file in as one step, and giving it back as one step."""

import json
from collections.abc import Collection, Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import bulk, importing, indexes, profiles
from chuzhi.customers.importing import Plan, Update
from chuzhi.customers.models import Customer, ImportBatch, ImportedChange

AT_ONCE = 1000


class AlreadyApplied(Refused):
    code = "import.already_applied"
    message = _("This file has been taken in before. Reverse that import first.")


class NotApplied(Refused):
    code = "import.not_applied"
    message = _("Only an import that was taken in can be reversed, and only once.")


class NotReadable(Refused):
    code = "import.not_open"
    message = _("This import is not waiting to be taken in.")


class CustomersChanged(Refused):
    code = "import.customers_changed"
    message = _("Customers have changed since the file was checked. Check it again.")


@transaction.atomic
def keep(plan: Plan, *, file_name: str, by: Actor) -> ImportBatch:
    """Remember that a file was checked, with its counts and control totals. Customers are not touched."""
    batch = ImportBatch.objects.create(
        file_name=file_name[-200:],
        sha256=plan.sheet.sha256,
        currency=plan.currency,
        mapping=dict(plan.mapping),
        new=len(plan.new),
        updated=len(plan.updates),
        skipped=len(plan.skipped),
        refused=len(plan.rejected),
        principal=plan.principal,
        bonus=plan.bonus,
        made_by=by.label,
    )
    audit.record("import.checked", f"import:{batch.pk}", by=by, new=batch.new, updated=batch.updated, refused=batch.refused)
    return batch


@transaction.atomic
def apply(batch: ImportBatch, plan: Plan, *, by: Actor) -> dict[int, int]:
    """Register and update the customers of the file: all or none. Answers line -> customer, for whoever opens their wallets.

    Refuses a file that is in already, and customers who changed after the file was checked.
    """
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != ImportBatch.State.READ or held.sha256 != plan.sheet.sha256:
        raise NotReadable
    if ImportBatch.objects.filter(sha256=held.sha256, state=ImportBatch.State.APPLIED).exists():
        raise AlreadyApplied
    try:
        with transaction.atomic():
            ids = bulk.register([importing.person(row) for row in plan.new], by=by, batch=held)
            for start in range(0, len(plan.updates), AT_ONCE):
                _change(held, plan.updates[start : start + AT_ONCE])
    except IntegrityError:
        raise CustomersChanged from None
    _turn(held, ImportBatch.State.APPLIED)
    audit.record("import.applied", f"import:{held.pk}", by=by, new=len(ids), updated=len(plan.updates))
    lines = [row.line for row in plan.new]
    return dict(zip(lines, ids, strict=True)) | {one.row.line: one.customer_id for one in (*plan.updates, *plan.skipped)}


@transaction.atomic
def reverse(batch: ImportBatch, *, by: Actor, keep: Collection[int] = frozenset()) -> set[int]:
    """Give the import back: its customers are withdrawn, what it changed is as before.

    Customers in `keep` (those with later business, as the packages above know) and those changed since stay as they are;
    their ids are the answer. Lots are reversed first, by `wallets`.
    """
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != ImportBatch.State.APPLIED:
        raise NotApplied
    made = Customer.objects.filter(batch=held)
    staying = set(keep) & set(made.values_list("pk", flat=True)) | set(made.filter(version__gt=1).values_list("pk", flat=True))
    profiles.withdraw(made.exclude(pk__in=staying), by=by)
    changes = held.changes.select_related("customer").select_for_update(of=("self", "customer"))
    staying |= _put_back(list(changes.order_by("customer_id")), keep)
    _turn(held, ImportBatch.State.REVERSED)
    audit.record("import.reversed", f"import:{held.pk}", by=by, stayed=len(staying))
    return staying


def _turn(batch: ImportBatch, state: ImportBatch.State) -> None:
    batch.state = state
    if state is ImportBatch.State.APPLIED:
        batch.applied_at = timezone.now()
    else:
        batch.reversed_at = timezone.now()
    batch.save(update_fields=["state", "applied_at", "reversed_at"])


def _change(batch: ImportBatch, updates: Sequence[Update]) -> None:
    """Write the changes of some rows, with what they overwrite."""
    ids = [update.customer_id for update in updates]
    customers = {row.pk: row for row in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    keys, now = vault.latest(), timezone.now()
    kept: list[ImportedChange] = []
    changed: list[Customer] = []
    for update in updates:
        customer = customers.get(update.customer_id)
        if customer is None or customer.version != update.version:
            raise CustomersChanged
        if not update.changes:
            continue
        before = {name: _written(getattr(customer, name)) for name in update.changes}
        for name, value in update.changes.items():
            setattr(customer, name, value)
        _touch(customer, keys)
        customer.changed_at = now
        changed.append(customer)
        kept.append(
            ImportedChange(
                batch=batch, customer=customer, book=customer.book, version=customer.version, before=json.dumps(before)
            )
        )
    _write(changed)
    ImportedChange.objects.bulk_create(kept, batch_size=AT_ONCE)


def _put_back(changes: Sequence[ImportedChange], keep: Collection[int]) -> set[int]:
    """Restore what was overwritten, except on customers who have moved on. Answers who those are."""
    keys = vault.latest()
    moved_on = {one.customer_id for one in changes if one.customer_id in keep or one.customer.version != one.version}
    restored: list[Customer] = []
    for one in changes:
        if one.customer_id in moved_on:
            continue
        for name, value in json.loads(one.before or "{}").items():
            setattr(one.customer, name, date.fromisoformat(value) if name == "born_on" and value else value)
        _touch(one.customer, keys)
        restored.append(one.customer)
    for start in range(0, len(restored), AT_ONCE):
        _write(restored[start : start + AT_ONCE])
    return moved_on


def _touch(customer: Customer, keys: vault.Keys) -> None:
    customer.index(keys)
    customer.version += 1
    customer.changed_at = timezone.now()


def _write(customers: Sequence[Customer]) -> None:
    columns = (*importing.PERSONAL, "version", "changed_at", *indexes.Index._fields)
    Customer.objects.bulk_update(customers, columns, batch_size=200)


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
