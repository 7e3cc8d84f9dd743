"""Where the rows of a list come from: pages of them, all of them, how many there are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from psycopg.errors import QueryCanceled

from chuzhi.console import keyset

M = TypeVar("M", bound=Model)
R = TypeVar("R")
T = TypeVar("T")

MOST_COUNTED = 10_000
PATIENCE_MILLISECONDS = 250
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: Sequence[R]
    previous: str
    next: str
    """Addresses, or nothing."""


class Source(Protocol[R]):
    """What matches. An order is fields as `QuerySet.order_by` takes them."""

    @property
    def note(self) -> str:
        """What to know about what was found, such as that there may be more."""

    def page(self, order: Sequence[str], asked: Mapping[str, str], *, size: int) -> Page[R]: ...

    def every(self, order: Sequence[str], *, most: int) -> Iterator[R]: ...

    def count(self) -> int | None:
        """How many, up to one more than MOST_COUNTED; None: it would take too long to say."""

    def numbers(self, *, most: int) -> list[int]:
        """The numbers of the rows that match, for an act on all of them; at most so many."""


@dataclass(frozen=True, slots=True)
class Rows(Generic[M, R]):
    """Rows of a table; `tell` reads what else a page of them needs, at once for all."""

    found: QuerySet[M]
    tell: Callable[[list[M]], list[R]]
    note: str = ""
    walked: QuerySet[M] | None = None
    """The same rows, asked for so that a page is quick where many match, and slow where few do. It is tried first, for a moment."""

    def page(self, order: Sequence[str], asked: Mapping[str, str], *, size: int) -> Page[R]:
        walked = self.walked
        page = None if walked is None else in_time(lambda: keyset.page(walked, order, asked, size=size))
        page = page or keyset.page(self.found, order, asked, size=size)
        return Page(self.tell(page.rows), page.previous, page.next)

    def every(self, order: Sequence[str], *, most: int) -> Iterator[R]:
        rows = iter(self.found.order_by(*order)[:most].iterator(chunk_size=AT_ONCE))
        while some := list(islice(rows, AT_ONCE)):
            yield from self.tell(some)

    def count(self) -> int | None:
        return in_time(self.found.order_by()[: MOST_COUNTED + 1].count)

    def numbers(self, *, most: int) -> list[int]:
        return list(self.found.order_by("pk").values_list("pk", flat=True)[:most])


def counted(count: Callable[[int], int]) -> int | None:
    """What `count` says, up to one more than MOST_COUNTED; None when that takes longer than anybody should wait for it."""
    return in_time(lambda: count(MOST_COUNTED + 1))


def in_time(read: Callable[[], T]) -> T | None:
    """What was read; None when that takes longer than anybody should wait for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, TRUE)", [f"{PATIENCE_MILLISECONDS}ms"])
        try:
            with transaction.atomic():
                return read()
        except OperationalError as fault:
            if isinstance(fault.__cause__, QueryCanceled):
                return None
            raise
        finally:
            cursor.execute("SELECT set_config('statement_timeout', '0', TRUE)")
