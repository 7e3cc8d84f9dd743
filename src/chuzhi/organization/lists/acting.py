"""One act on many rows: planned from a choice, done row by row, each refusal kept, and put back where that can be.

Each row is one transaction together with what came of it, so that a worker that is killed leaves no row half done, and whoever
goes on does none twice. What is done to a row is given in: it is a command of the package that the row belongs to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.organization.lists import owners
from chuzhi.organization.lists.errors import ActDecided, CannotBeUndone, ListTooLong, NothingChosen
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import Store

ACT = "lists.bulk"
MOST_ROWS = 20_000
UNDO_FOR = timedelta(hours=1)
PLANS_WAIT = timedelta(days=1)
State, RowState = BulkAct.State, BulkRow.State


@dataclass(frozen=True, slots=True)
class Done:
    """How to put a row back: what it was, and the version that it must still be of."""

    before: Mapping[str, Any]
    version: int | None = None


Do = Callable[[BulkAct, int, Actor], Done | None]
"""Does it to one row; None: it was so already."""
PutBack = Callable[[BulkRow, Actor], None]


def mine(actor: Actor) -> QuerySet[BulkAct]:
    return BulkAct.objects.filter(**owners.columns_of(actor))


@transaction.atomic
def plan(*, list_name: str, subjects: Sequence[int], store: Store | None, by: Actor) -> BulkAct:
    """Keep which rows are meant. Nothing is done yet."""
    require(by, ACT)
    if not subjects:
        raise NothingChosen
    if len(subjects) > MOST_ROWS:
        raise ListTooLong(most=f"{MOST_ROWS:,}")
    act = BulkAct.objects.create(listing=list_name, store=store, **owners.columns_of(by))
    BulkRow.objects.bulk_create([BulkRow(act=act, subject=each) for each in dict.fromkeys(subjects)], batch_size=2000)
    return act


@transaction.atomic
def start(*, act: BulkAct, kind: str, arguments: Mapping[str, Any], by: Actor) -> BulkAct:
    """It may be done now, by `go_on`."""
    require(by, ACT)
    act = _locked(act, by)
    if act.state != State.PLANNED:
        raise ActDecided
    act.kind, act.arguments, act.state = kind, dict(arguments), State.RUNNING
    act.save(update_fields=["kind", "arguments", "state"])
    audit.record("bulk.started", f"bulk:{act.pk}", by=by, list=act.listing, act=kind, count=act.rows.count())
    return act


def go_on(act: BulkAct, do: Do, by: Actor) -> None:
    """Do it to every row that waits. Safe to run again and side by side."""
    while _next(act, RowState.WAITING, lambda row: _do(act, row, do, by)):
        pass
    _end(act, RowState.WAITING, was=State.RUNNING, state=State.DONE, done_at=timezone.now())


@transaction.atomic
def begin_undo(*, act: BulkAct, by: Actor) -> BulkAct:
    """Put back what it changed, by `put_back`. For an hour after it was done."""
    require(by, ACT)
    act = _locked(act, by)
    if not can_be_undone(act):
        raise CannotBeUndone
    act.state = State.UNDOING
    act.save(update_fields=["state"])
    audit.record("bulk.undone", f"bulk:{act.pk}", by=by, list=act.listing, act=act.kind)
    return act


def put_back(act: BulkAct, back: PutBack, by: Actor) -> None:
    """Every row that is still as the act left it; the others stay as somebody else has made them since."""
    while _next(act, RowState.DONE, lambda row: _put_back(row, back, by)):
        pass
    _end(act, RowState.DONE, was=State.UNDOING, state=State.UNDONE)


def can_be_undone(act: BulkAct) -> bool:
    return act.state == State.DONE and act.done_at is not None and timezone.now() < act.done_at + UNDO_FOR


def tally(act: BulkAct) -> dict[str, int]:
    """How many rows are in each state."""
    return dict(act.rows.values_list("state").annotate(Count("pk")).order_by())


def unfinished() -> list[int]:
    under_way = BulkAct.objects.filter(state__in=[State.RUNNING, State.UNDOING])
    return list(under_way.order_by("pk").values_list("pk", flat=True))


def forget_plans() -> int:
    """For the clock: plans that nobody carried out. Answers how many."""
    old = BulkAct.objects.filter(state=State.PLANNED, planned_at__lt=timezone.now() - PLANS_WAIT)
    return sum(1 for act in old if act.delete())


def _next(act: BulkAct, state: BulkRow.State, step: Callable[[BulkRow], None]) -> bool:
    """One row, unless somebody is at it; whether there was one."""
    with transaction.atomic():
        waiting = act.rows.select_for_update(skip_locked=True).filter(state=state).order_by("pk")
        if row := waiting.first():
            step(row)
            row.save(update_fields=["state", "before", "version", "refusal", "refusal_facts"])
    return row is not None


def _end(act: BulkAct, left: BulkRow.State, *, was: BulkAct.State, **becomes: Any) -> None:
    """Not while somebody else is still at a row: whoever comes to the last one ends it."""
    waiting = BulkRow.objects.filter(act=OuterRef("pk"), state=left)
    BulkAct.objects.filter(~Exists(waiting), pk=act.pk, state=was).update(**becomes)


def _do(act: BulkAct, row: BulkRow, do: Do, by: Actor) -> None:
    try:
        with transaction.atomic():
            done = do(act, row.subject, by)
    except Refused as no:
        row.state, row.refusal, row.refusal_facts = RowState.REFUSED, no.code, _plain(no.facts)
        return
    row.state = RowState.DONE if done else RowState.SAME
    row.before, row.version = (dict(done.before), done.version) if done else (None, None)


def _put_back(row: BulkRow, back: PutBack, by: Actor) -> None:
    try:
        with transaction.atomic():
            back(row, by)
        row.state = RowState.UNDONE
    except Refused as no:
        row.state, row.refusal, row.refusal_facts = RowState.STAYED, no.code, _plain(no.facts)


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: fact if isinstance(fact, str | int | float | bool | None) else str(fact) for name, fact in facts.items()}


def _locked(act: BulkAct, by: Actor) -> BulkAct:
    return BulkAct.objects.select_for_update(of=("self",)).select_related("store").get(pk=act.pk, **owners.columns_of(by))
