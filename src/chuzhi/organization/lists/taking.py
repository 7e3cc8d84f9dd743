"""Lists that staff take along as files: asked for, written by the worker, sealed on disk, gone after a day."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, sealed
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.organization.lists.models import TakenList
from chuzhi.organization.models import Store

TAKE = "lists.export"
MOST_ROWS = 200_000
THERE_FOR = timedelta(days=1)
_COLUMN = "organization.lists.taking"


def mine(actor: Actor) -> QuerySet[TakenList]:
    """A file is for whoever asked for it, and for nobody else."""
    return TakenList.objects.filter(owner=actor.id, expires_at__gt=timezone.now()).order_by("-pk")


@transaction.atomic
def ask(*, list_name: str, query: Mapping[str, str], form: str, language: str, store: Store | None, by: Actor) -> TakenList:
    require(by, TAKE)
    return TakenList.objects.create(
        listing=list_name, query=json.dumps(dict(query)), form=form, language=language, store=store, owner_id=by.id,
        expires_at=timezone.now() + THERE_FOR,
    )  # fmt: skip


def query_of(taken: TakenList) -> dict[str, str]:
    asked: dict[str, str] = json.loads(taken.query)
    return asked


def tell(taken: TakenList, done: int) -> None:
    """How many rows are written by now."""
    TakenList.objects.filter(pk=taken.pk).update(done=done)


@transaction.atomic
def keep(taken: TakenList, content: bytes, *, count: int) -> None:
    """The file is written: for whoever asked to fetch."""
    sealed.write(_path(taken), content, column=_COLUMN)
    TakenList.objects.filter(pk=taken.pk).update(done=count, written_at=timezone.now())


def refuse(taken: TakenList, no: Refused) -> None:
    TakenList.objects.filter(pk=taken.pk).update(refusal=no.code)


def read(taken: TakenList) -> bytes | None:
    """The file, if it is written and still there."""
    return sealed.read(_path(taken), column=_COLUMN) if taken.written_at else None


def record(list_name: str, *, form: str, count: int, filters: Mapping[str, str], is_whole: bool, by: Actor) -> None:
    """What left the house: which rows, how many, and whether personal details were unmasked."""
    audit.record(
        "list.exported", f"list:{list_name}", by=by, form=form, count=count, filters=dict(filters), is_unmasked=is_whole
    )  # fmt: skip


def forget_old() -> int:
    """For the clock: files whose time is over. Answers how many."""
    old = list(TakenList.objects.filter(expires_at__lte=timezone.now()))
    for taken in old:
        _path(taken).unlink(missing_ok=True)
        taken.delete()
    return len(old)


def unfinished() -> list[int]:
    return list(TakenList.objects.filter(written_at=None, refusal="").order_by("pk").values_list("pk", flat=True))


def _path(taken: TakenList) -> Path:
    folder = Path(settings.DATA) / "taken"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{taken.pk}.sealed"
