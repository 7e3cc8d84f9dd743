"""Who did what, read back: the audit log and every move of value in one list, newest first (the view `audit_trail`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any, Self

from django.db.models import QuerySet

from chuzhi.ledger.models import AuditLine

FIRST_LOOK = timedelta(minutes=1)
WIDER = 8
_COLUMNS = ("id", "at", "actor", "action", "subject", "facts")


@dataclass(frozen=True, slots=True)
class Search:
    """A period, and what its lines have to be; an empty word is any. `area` is the first part of an action: `customer`."""

    since: datetime
    until: datetime
    actors: tuple[str, ...] = ()
    area: str = ""
    action: str = ""
    subject: str = ""

    def applied(self) -> QuerySet[AuditLine]:
        found = AuditLine.objects.all()
        if self.actors:
            found = found.filter(actor__in=self.actors)
        if self.area:
            found = found.filter(action__startswith=f"{self.area}.")
        if self.action:
            found = found.filter(action=self.action)
        if self.subject:
            found = found.filter(subject=self.subject)
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One act. Of a move of value `id` is its place in the journal, and `facts` hold `amount` and `asset`."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """The last line that was read: the next ones are older."""

    at: datetime
    id: str

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(line.at, line.id)

    @classmethod
    def read(cls, given: str) -> Self | None:
        """What `str` wrote; None for anything else."""
        moment, _slash, number = given.partition("/")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return cls(at, number) if at.tzinfo else None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.id}"


def read(search: Search, count: int, after: Edge | None = None) -> list[Line]:
    """The newest `count` that match, or the next ones `after` a line.

    Looks back a minute, then eight, then an hour …: the index of times knows blocks of rows and no order, so the newest few of
    a long time are found without sorting all of it.
    """
    matching, upper, width = search.applied().order_by("-at", "-id").values_list("at", "id"), search.until, FIRST_LOOK
    found: list[tuple[datetime, str]] = []
    if after is not None and search.since <= after.at < search.until:
        upper = after.at
        found += matching.filter(at=after.at, id__lt=after.id)[:count]
    while upper > search.since and len(found) < count:
        lower = max(search.since, upper - width)
        found += matching.filter(at__gte=lower, at__lt=upper)[: count - len(found)]
        upper, width = lower, width * WIDER
    return _whole(found)


def _whole(found: Sequence[tuple[datetime, str]]) -> list[Line]:
    """Facts are put together for these lines only: for all that are sorted it would take ten times as long."""
    if not found:
        return []
    within = AuditLine.objects.filter(at__lte=found[0][0], at__gte=found[-1][0], id__in=[number for _at, number in found])
    return [Line(*row) for row in within.order_by("-at", "-id").values_list(*_COLUMNS)]


def every(search: Search) -> Iterator[Line]:
    """All that match, newest first, a part at a time: for who takes them along."""
    rows = _in_period(search).order_by("-at", "-id").values_list(*_COLUMNS)
    return starmap(Line, rows.iterator(chunk_size=1000))


def has_more_than(search: Search, count: int) -> bool:
    return len(_in_period(search).values_list("id")[count : count + 1]) > 0


def _in_period(search: Search) -> QuerySet[AuditLine]:
    return search.applied().filter(at__gte=search.since, at__lt=search.until)
