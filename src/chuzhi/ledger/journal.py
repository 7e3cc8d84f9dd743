"""The journal of all wallets, read by the ledger's own time: the newest entries first, or the oldest.

The index of times knows blocks of rows and no order, so a page looks into a minute, then eight, then an hour …, until it is
full; where a stretch holds more than a page could need, into an eighth of it. So the newest few are found without sorting
all the others, in an empty year and in a second of ten thousand entries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Kind, Method, System, account
from chuzhi.ledger.queries import ENTRY_COLUMNS, Entry, entry_of

FIRST_LOOK, SHORTEST_LOOK = timedelta(minutes=1), timedelta(milliseconds=1)
WIDER = 8
MANY = 1000
"""So many entries are put in order at a time; more only if they are of one millisecond."""
ALL = 2**62
AT_ONCE = 500
NOWHERE = 0
LATEST = """
    SELECT max(latest.time) FROM ledger_book_head h
    CROSS JOIN LATERAL (SELECT time FROM ledger_batch b WHERE b.book = h.book ORDER BY b.batch_no DESC LIMIT 1) latest"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A period, and what its entries have to be; what is empty asks for nothing. `amount`s in minor units of `asset`."""

    since: datetime
    until: datetime
    kinds: tuple[Kind, ...] = ()
    stores: tuple[int, ...] = ()
    actors: tuple[str, ...] = ()
    method: Method | None = None
    channel: str = ""
    asset: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    is_done: bool | None = None

    def seen_by(self, actor: Actor) -> "Search":
        """As far as somebody works: entries of other stores, and of none, are for those who work in all."""
        if actor.stores is None:
            return self
        mine = tuple(sorted(store for store in actor.stores if not self.stores or store in self.stores))
        return replace(self, stores=mine or (NOWHERE,))

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Literals of this module, and what stands in their places."""
        asked: Mapping[str, tuple[str, Any]] = {
            "kinds": ("o.kind = ANY(%(kinds)s)", [int(kind) for kind in self.kinds]),
            "stores": ("o.store = ANY(%(stores)s)", list(self.stores)),
            "actors": ("o.actor = ANY(%(actors)s)", list(self.actors)),
            "account": ("%(account)s = ANY(o.accounts)", account(System.CLEARING, self.method) if self.method else None),
            "channel": ("nullif(o.details, '')::jsonb ->> 'channel' = %(channel)s", self.channel),
        }
        places = {name: (condition, value) for name, (condition, value) in asked.items() if value}
        places |= {
            name: (f"o.{column} {sign} %({name})s", value)
            for name, column, sign, value in (
                ("asset", "asset", "=", self.asset),
                ("at_least", "amount", ">=", self.at_least),
                ("at_most", "amount", "<=", self.at_most),
            )
            if value is not None
        }
        conditions = [condition for condition, _value in places.values()]
        if self.is_done is not None:
            conditions.append(f"o.refusal IS {'' if self.is_done else 'NOT '}NULL")
        return conditions, {name: value for name, (_condition, value) in places.items()}


@dataclass(frozen=True, slots=True)
class Edge:
    """The last entry that was read; the next ones lie beyond it."""

    at: datetime
    book: int
    seq: int

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry.outcome.time, entry.outcome.book, entry.outcome.seq)

    @classmethod
    def read(cls, given: str) -> Self | None:
        """What `str` wrote; None for anything else."""
        moment, _slash, place = given.partition("/")
        book, _dash, seq = place.partition("-")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        is_one = at.tzinfo and all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (book, seq))
        return cls(at, int(book), int(seq)) if is_one else None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.book}-{self.seq}"


def read(search: Search, count: int, after: Edge | None = None, *, oldest_first: bool = False) -> list[Entry]:
    """The first `count` that match, or the next ones after an entry."""
    found: list[Entry] = []
    lower, upper, width = search.since, search.until, FIRST_LOOK
    if after is not None:
        lower, upper = (max(lower, after.at), upper) if oldest_first else (lower, min(upper, after.at + timedelta.resolution))
    newest = upper if oldest_first or after else min(upper, _latest())
    crowded: list[tuple[datetime, timedelta]] = []  # stretches that hold many: where each ends, and how far to look in it
    while lower < upper and len(found) < count:
        while crowded and (lower >= crowded[-1][0] if oldest_first else upper <= crowded[-1][0]):
            crowded.pop()
        look = crowded[-1][1] if crowded else width
        parted = min(upper, lower + look) if oldest_first else max(lower, min(upper, newest) - look)
        window = (lower, parted) if oldest_first else (parted, upper)
        many = MANY if look > SHORTEST_LOOK else ALL
        some = _window(search, *window, after, count - len(found), many=many, oldest_first=oldest_first)
        if some is None:
            crowded.append((parted, max(SHORTEST_LOOK, look / WIDER)))
            continue
        found += some
        lower, upper = (parted, upper) if oldest_first else (lower, parted)
        if not crowded:
            width *= WIDER
    return found


def every(search: Search, *, most: int, oldest_first: bool = False) -> Iterator[Entry]:
    """All that match, some at a time: for who takes them along."""
    after: Edge | None = None
    while most > 0 and (some := read(search, min(most, AT_ONCE), after, oldest_first=oldest_first)):
        yield from some
        after, most = Edge.of(some[-1]), most - len(some)


def count(search: Search, most: int) -> int:
    """How many match, at most `most`."""
    conditions, facts = search.conditions()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM (SELECT 1 FROM ledger_operation o
                WHERE {" AND ".join(["o.time >= %(since)s", "o.time < %(until)s", *conditions])} LIMIT %(most)s) found""",
            facts | {"since": search.since, "until": search.until, "most": most},
        )
        return int(cursor.fetchone()[0])


def _latest() -> datetime:
    """When the newest entry was written, so that nobody looks for it in the hours since; now, where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        (at,) = cursor.fetchone()
    return at + timedelta.resolution if at else timezone.now()


def _window(
    search: Search, since: datetime, until: datetime, after: Edge | None, most: int, *, many: int, oldest_first: bool
) -> list[Entry] | None:
    """The first of a stretch, in order; None if more than `many` match there."""
    conditions, facts = search.conditions()
    conditions += ["o.time >= %(since)s", "o.time < %(until)s"]
    way, sign = ("ASC", ">") if oldest_first else ("DESC", "<")
    if after is not None:
        conditions.append(f"(o.time, o.book, o.seq) {sign} (%(at)s, %(book)s, %(seq)s)")
        facts |= {"at": after.at, "book": after.book, "seq": after.seq}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH near AS MATERIALIZED (
                    SELECT o.book, o.seq, o.time FROM ledger_operation o WHERE {" AND ".join(conditions)} LIMIT %(many)s + 1
                ), first AS (
                    SELECT book, seq FROM near ORDER BY time {way}, book {way}, seq {way} LIMIT %(most)s
                )
                SELECT (SELECT count(*) FROM near) > %(many)s, {ENTRY_COLUMNS}
                FROM first JOIN ledger_operation o ON o.book = first.book AND o.seq = first.seq
                ORDER BY o.time {way}, o.book {way}, o.seq {way}""",
            facts | {"since": since, "until": until, "most": most, "many": many},
        )
        rows = cursor.fetchall()
    return None if rows and rows[0][0] else [entry_of(row[1:]) for row in rows]
