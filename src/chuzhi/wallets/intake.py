"""A file of customers on its way: each step is asked for by a person or a program, and done by the worker.

The step under way stands in the import's row, with how far it is: a page can be left and returned to. How the worker does
it is in `intake_steps`.
"""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.core.errors import NotFound
from chuzhi.customers import fields, headings, imports, likenesses, sheets, uploads
from chuzhi.customers.alike import Choice
from chuzhi.customers.models import ImportBatch
from chuzhi.organization.authority import require
from chuzhi.wallets import importing, tasks
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Programme

RUN = importing.RUN
Step = ImportBatch.Step


def visible_to(actor: Actor) -> QuerySet[ImportBatch]:
    """Newest first."""
    batches = ImportBatch.objects.select_related("acceptance").order_by("-pk")
    return batches if actor.may(RUN) and actor.stores is None else batches.none()


def named(number: int | None, actor: Actor) -> ImportBatch:
    found = visible_to(actor).filter(pk=number or 0).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def bring(
    *, content: bytes, file_name: str, programme: Programme, by: Actor, mapping: Mapping[str, str] = imports.NOTHING
) -> ImportBatch:
    """Keep a file and have it checked. Refuses what is no table; what is wrong with its rows is said by the check."""
    require(by, RUN)
    if not programme.is_open or programme.kind != Programme.Kind.MONEY:
        raise ProgrammeClosed(programme=programme.name)
    sheet = sheets.read(content)
    uploads.keep(content)
    batch = imports.bring(sheet, file_name=file_name, currency=programme.asset, programme=programme.pk, mapping=mapping, by=by)
    tasks.go_on.defer(number=batch.pk)
    return batch


def check(*, batch: ImportBatch, mapping: Mapping[str, str], by: Actor) -> ImportBatch:
    """Have it checked once more, perhaps with other meanings of its columns."""
    if mapping:
        headings.chosen(mapping, batch.headings, fields.columns(fields.in_use()))
    return _ask(batch, Step.CHECK, by, mapping)


@transaction.atomic
def choose(*, batch: ImportBatch, said: Mapping[int, Choice], by: Actor, others: Choice = Choice.UNDECIDED) -> ImportBatch:
    """Say what is done with rows that may be of somebody who is here already, and have the file checked by that."""
    require(by, RUN)
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != ImportBatch.State.READ or held.step:
        raise imports.NotReadable
    likenesses.choose(held, said, others)
    return _ask(held, Step.CHECK, by, held.mapping)


def take_in(*, batch: ImportBatch, by: Actor) -> ImportBatch:
    """Have what the check found taken in: customers in one transaction, then their balances. Raises Undecided."""
    likenesses.refuse_undecided(batch)
    return _ask(batch, Step.TAKE_IN, by)


def reverse(*, batch: ImportBatch, by: Actor) -> ImportBatch:
    """Have the whole import given back, but for customers who have moved on since."""
    return _ask(batch, Step.REVERSE, by)


def tell(*, batch: ImportBatch, by: Actor) -> ImportBatch:
    """Have everybody told what came with them. Once: whoever asks again is answered with the import as it is."""
    return _ask(batch, Step.TELL, by)


@transaction.atomic
def _ask(batch: ImportBatch, step: ImportBatch.Step, by: Actor, mapping: Mapping[str, str] = imports.NOTHING) -> ImportBatch:
    require(by, RUN)
    held = imports.ask(batch, step, by=by, mapping=mapping)
    if held.step:
        tasks.go_on.defer(number=held.pk)
    return held
