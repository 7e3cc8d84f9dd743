"""The steps of an import, as the worker takes them. It can be killed at any moment.

The worker that comes next goes on, because each step is one transaction (`take_in`), or a list of small ones that knows what
is left (`credit`, `reverse`), or writes nothing (`check`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.customers import fields, imports, likenesses, rejections, sheets, uploads
from chuzhi.customers import importing as files
from chuzhi.customers.importing import Plan
from chuzhi.customers.models import ImportBatch
from chuzhi.wallets import importing, moved_in, reversing
from chuzhi.wallets.models import Programme

Step = ImportBatch.Step
_LOCK = 0x696D706F  # the class of advisory locks of whoever works on an import: "impo"
_REGISTERED = """
    SELECT coalesce(max(tuples_processed), 0) FROM pg_stat_progress_copy
    WHERE datname = current_database() AND relid = 'customer'::regclass"""


class FileGone(Refused):
    code = "import.file_gone"
    message = _("The file is kept for a day, and that day is over. Bring it again.")


def go_on(number: int) -> None:
    """For the worker: do what is asked for with an import, from wherever it stands, unless somebody is at it."""
    with _alone(number) as is_mine:
        while is_mine:
            batch = ImportBatch.objects.get(pk=number)
            if not batch.step:
                return
            by = _asker(batch)
            try:
                _STEPS[Step(batch.step)](batch, by)
            except Refused as no:
                imports.give_up(batch, no, by=by)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows of a step are done, of how many."""

    step: ImportBatch.Step
    done: int
    of: int


def progress(batch: ImportBatch) -> Progress:
    """How far an import is. Taking in begins with a second look at all rows; then customers are streamed in.

    Those are there for others only when all are, so that the database is asked how far its stream is.
    """
    step = Step(batch.step)
    if step != Step.TAKE_IN:
        return Progress(step, batch.done, batch.total)
    if batch.done < batch.total:
        return Progress(Step.CHECK, batch.done, batch.total)
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERED)
        return Progress(step, min(int(cursor.fetchone()[0]), batch.new), batch.new)


def _check(batch: ImportBatch, by: Actor) -> None:
    plan = _plan(batch)
    rejections.keep(batch, plan)
    imports.note(batch, plan, by=by)


def _take_in(batch: ImportBatch, by: Actor) -> None:
    plan, programme = _plan(batch), Programme.objects.get(pk=batch.programme or 0)
    importing.begin(batch=batch, plan=plan, programme=programme, by=by)


def _credit(batch: ImportBatch, _by: Actor) -> None:
    importing.post(batch=batch)


def _reverse(batch: ImportBatch, by: Actor) -> None:
    reversing.reverse(batch=batch, by=by)


def _tell(batch: ImportBatch, by: Actor) -> None:
    moved_in.tell(batch=batch, by=by)


_STEPS: Mapping[ImportBatch.Step, Callable[[ImportBatch, Actor], None]] = {
    Step.CHECK: _check,
    Step.TAKE_IN: _take_in,
    Step.CREDIT: _credit,
    Step.REVERSE: _reverse,
    Step.TELL: _tell,
}


def _plan(batch: ImportBatch) -> Plan:
    content = uploads.read(batch.sha256)
    if content is None:
        raise FileGone
    here = ImportBatch.objects.filter(pk=batch.pk)
    plan = files.plan(
        sheets.read(content),
        currency=batch.currency,
        today=timezone.localdate(),
        mapping=batch.mapping or None,
        own=fields.in_use(),
        card_holders=importing.card_holders,
        choices=likenesses.choices(batch),
        tell=lambda rows: here.update(done=rows),
    )
    here.update(done=batch.total)
    return plan


def _asker(batch: ImportBatch) -> Actor:
    """Whoever asked for the step, as the one who does it: what they may was looked at then."""
    kind, _colon, number = batch.asked_by.partition(":")
    return Actor(ActorKind(kind), int(number), permissions=frozenset({importing.RUN}))


@contextmanager
def _alone(number: int) -> Iterator[bool]:
    """Whether nobody else works on it; a worker that is killed lets go of it with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, number])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, number])
