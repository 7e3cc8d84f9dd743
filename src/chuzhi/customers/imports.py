"""Taking a checked file in as one step, and giving it back as one step."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import bulk, history, importing, likenesses, profiles, rejections
from chuzhi.customers.importing import Plan, Update
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.customers.record_models import Record
from chuzhi.customers.sheets import Sheet

State, Step = ImportBatch.State, ImportBatch.Step
AT_ONCE = 1000
NOTHING: Mapping[str, str] = {}
_FROM = {
    Step.CHECK: {State.BROUGHT, State.READ}, Step.TAKE_IN: {State.READ}, Step.REVERSE: {State.APPLIED}, Step.TELL: {State.APPLIED},
}  # fmt: skip
_TO = {Step.TAKE_IN: State.APPLIED, Step.REVERSE: State.REVERSED}
"""From which states a step can be asked for, and where it leads."""


class AlreadyApplied(Refused):
    code = "import.already_applied"
    message = _("This file has been taken in before. Reverse that import first.")


class NotApplied(Refused):
    code = "import.not_applied"
    message = _("Only an import that was taken in can be reversed, and only once.")


class NotReadable(Refused):
    code = "import.not_open"
    message = _("This import is not waiting to be taken in.")


class NothingToTell(Refused):
    code = "import.nothing_to_tell"
    message = _("Only customers whose balances were taken in, and not given back, are told.")


class UnderWay(Refused):
    code = "import.under_way"
    message = _("Something else is being done with this import. Wait until it is done.")


class CustomersChanged(Refused):
    code = "import.customers_changed"
    message = _("Customers have changed since the file was checked. Check it again.")


_NOT = {Step.CHECK: NotReadable, Step.TAKE_IN: NotReadable, Step.REVERSE: NotApplied, Step.TELL: NothingToTell}


@transaction.atomic
def bring(
    sheet: Sheet,
    *,
    file_name: str,
    currency: str,
    by: Actor,
    programme: int | None = None,
    mapping: Mapping[str, str] = NOTHING,
) -> ImportBatch:
    """Keep that a file came in, to be checked. `mapping` names the columns; without it they are guessed."""
    batch = ImportBatch.objects.create(
        file_name=file_name[-200:],
        sha256=sheet.sha256,
        encoding=sheet.encoding,
        headings=list(sheet.headings),
        programme=programme,
        currency=currency,
        mapping=dict(mapping),
        step=Step.CHECK,
        total=len(sheet.rows),
        made_by=by.label,
        asked_by=by.label,
    )
    audit.record("import.brought", _subject(batch), by=by, rows=batch.total)
    return batch


@transaction.atomic
def ask(batch: ImportBatch, step: ImportBatch.Step, *, by: Actor, mapping: Mapping[str, str] = NOTHING) -> ImportBatch:
    """Want the next step: to be checked (again), taken in, told of, or given back. Whoever does it writes down how far it is.

    What is under way or done already is not asked for a second time: the answer is the import as it is.
    """
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.step == step or held.state == _TO.get(step) or (step is Step.TELL and held.told_at):
        return held
    if held.step:
        raise UnderWay
    if held.state not in _FROM[step]:
        raise _NOT[step]
    if step is Step.TAKE_IN:
        _refuse_twice(held)
    if step is Step.CHECK:
        held.state, held.mapping = State.BROUGHT, dict(mapping)
    held.step, held.done, held.refusal, held.refusal_facts, held.asked_by = step, 0, "", {}, by.label
    held.save()
    audit.record(f"import.{step}_asked", _subject(held), by=by)
    return held


@transaction.atomic
def note(batch: ImportBatch, plan: Plan, *, by: Actor) -> None:
    """Remember what the check found: counts and control totals. Customers are not touched."""
    found: dict[str, Any] = {**counted(plan), "mapping": dict(plan.mapping), "state": State.READ, "step": Step.NONE}
    found["refused_for"] = rejections.by_reason(plan)
    for name, value in found.items():
        setattr(batch, name, value)
    batch.save(update_fields=found.keys())
    likenesses.keep(batch, plan)
    audit.record("import.checked", _subject(batch), by=by, new=batch.new, updated=batch.updated, refused=batch.refused)


def counted(plan: Plan) -> dict[str, int]:
    """Counts and control totals, as an import keeps them."""
    return {
        "new": len(plan.new),
        "updated": len(plan.updates),
        "skipped": len(plan.skipped),
        "further": len(plan.further),
        "refused": len(plan.rejected),
        "alike": len(plan.alike),
        "cards": len(plan.with_cards()),
        "principal": plan.principal,
        "bonus": plan.bonus,
    }


@transaction.atomic
def give_up(batch: ImportBatch, no: Refused, *, by: Actor) -> None:
    """The step under way did not come to its end; nothing of it stays but why."""
    facts = {name: str(value) for name, value in no.facts.items()}
    ImportBatch.objects.filter(pk=batch.pk).update(step=Step.NONE, refusal=no.code, refusal_facts=facts)
    audit.record("import.stopped", _subject(batch), by=by, step=batch.step, refusal=no.code)


@transaction.atomic
def apply(batch: ImportBatch, plan: Plan, *, by: Actor) -> dict[int, int]:
    """Register and update the customers of the file: all or none. Answers line -> customer, for whoever opens their wallets.

    Refuses a file that is in already, and customers who changed after the file was checked.
    """
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != State.READ or held.sha256 != plan.sheet.sha256:
        raise NotReadable
    _refuse_twice(held)
    if counted(plan) != {name: getattr(held, name) for name in counted(plan)}:
        raise CustomersChanged
    try:
        with transaction.atomic():
            ids = bulk.register([importing.person(row) for row in plan.new], by=by, batch=held)
            for start in range(0, len(plan.updates), AT_ONCE):
                _change(held, plan.updates[start : start + AT_ONCE], by)
    except IntegrityError:
        raise CustomersChanged from None
    _turn(held, State.APPLIED)
    audit.record("import.applied", _subject(held), by=by, new=len(ids), updated=len(plan.updates))
    lines = [row.line for row in plan.new]
    of = dict(zip(lines, ids, strict=True)) | {one.row.line: one.customer_id for one in (*plan.updates, *plan.skipped)}
    return of | {one.row.line: of[one.of] for one in plan.further}


@transaction.atomic
def reverse(batch: ImportBatch, *, by: Actor, keep: Collection[int] = frozenset()) -> set[int]:
    """Give the import back: its customers are withdrawn, what it changed is as before.

    Customers in `keep` (those with later business, as the packages above know), those changed since and those with records stay;
    their ids are the answer. Lots are reversed first, by `wallets`.
    """
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != State.APPLIED:
        raise NotApplied
    made = Customer.objects.filter(batch=held)
    staying = set(keep) | set(made.filter(version__gt=1).values_list("pk", flat=True))
    staying |= set(Record.objects.filter(customer__in=made, removed_at=None).values_list("customer", flat=True))
    profiles.withdraw(made.exclude(pk__in=staying), by=by)
    staying |= _put_back(held, keep, by)
    held.stayed = sorted(staying)
    _turn(held, State.REVERSED)
    audit.record("import.reversed", _subject(held), by=by, stayed=len(staying))
    return staying


def _turn(batch: ImportBatch, state: ImportBatch.State) -> None:
    batch.state, batch.step = state, Step.NONE
    if state is State.APPLIED:
        batch.applied_at = timezone.now()
    else:
        batch.reversed_at = timezone.now()
    batch.save(update_fields=["state", "step", "applied_at", "reversed_at", "stayed"])


def _refuse_twice(batch: ImportBatch) -> None:
    if ImportBatch.objects.filter(sha256=batch.sha256, state=State.APPLIED).exists():
        raise AlreadyApplied


def _subject(batch: ImportBatch) -> str:
    return f"import:{batch.pk}"


def _change(batch: ImportBatch, updates: Sequence[Update], by: Actor) -> None:
    """Write the changes of some rows, if their customers are as they were when the file was checked."""
    ids = [update.customer_id for update in updates]
    customers = {row.pk: row for row in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    for update in updates:
        held = customers.get(update.customer_id)
        if held is None or held.version != update.version:
            raise CustomersChanged
    changed = [(customers[update.customer_id], update.changes) for update in updates if update.changes]
    profiles.change_many(changed, by=by, batch=batch)


def _put_back(batch: ImportBatch, keep: Collection[int], by: Actor) -> set[int]:
    """Restore what was overwritten, except on customers who have moved on. Answers who those are."""
    changes = batch.changes.select_related("customer").select_for_update(of=("self", "customer")).order_by("customer_id", "pk")
    moved_on: set[int] = set()
    restored: list[tuple[Customer, profiles.Given]] = []
    for number, of_one in groupby(changes, key=lambda one: one.customer_id):
        lines = list(of_one)
        customer = lines[0].customer
        if number in keep or customer.version != lines[0].version:
            moved_on.add(number)
        else:
            restored.append((customer, profiles.Given(**history.given(lines))))  # type: ignore[typeddict-item]  # its own fields
    profiles.change_many(restored, by=by, batch=batch)
    return moved_on
