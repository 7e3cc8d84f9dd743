"""Where, when and how much a customer buys: by store, by month, and purchase by purchase. What came back was not bought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from chuzhi.core.actors import Actor
from chuzhi.core.months import later
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Kind
from chuzhi.wallets import queries as wallets

ROOM = 50
"""So many purchases of one microsecond still fit on a page with the last one that was asked for."""
Facts = dict[str, int | str | datetime | list[int] | None]
KINDS = [int(Kind.CHARGE), int(Kind.CAPTURE)]
PURCHASES = """
    SELECT o.book, o.seq, o.store, o.asset, o.effective_at AS at, spent.units
    FROM unnest(%(books)s::int[], %(wallets)s::bigint[]) w(book, wallet)
    JOIN ledger_operation o ON o.book = w.book AND o.wallet = w.wallet
    LEFT JOIN ledger_given_back back ON back.book = o.book AND back.seq = o.seq
    CROSS JOIN LATERAL (SELECT o.amount - coalesce((SELECT sum(units) FROM unnest(back.per_leg) units), 0)::bigint AS units) spent
    WHERE o.kind = ANY(%(kinds)s) AND o.refusal IS NULL AND spent.units > 0
      AND (%(since)s::timestamptz IS NULL OR o.effective_at >= %(since)s)
      AND (%(before)s::timestamptz IS NULL OR o.effective_at < %(before)s)
      AND (%(store)s::int IS NULL OR o.store = %(store)s)"""
SUMS = f"""
    SELECT asset, store, date_trunc('month', at AT TIME ZONE %(zone)s)::date, count(*), sum(units)::bigint, max(at)
    FROM ({PURCHASES}) bought GROUP BY 1, 2, 3"""
LATEST = f"""
    SELECT bought.book, bought.seq, bought.store, bought.asset, bought.at, bought.units,
        array(SELECT line.name FROM sale_line line WHERE line.book = bought.book AND line.seq = bought.seq ORDER BY line.line)
    FROM ({PURCHASES}) bought ORDER BY bought.at DESC, bought.book, bought.seq LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose, for whom, and of which purchases: from `since` on, before `before`, in one `store` or anywhere."""

    customer: int
    actor: Actor
    since: datetime | None = None
    before: datetime | None = None
    store: int | None = None


@dataclass(slots=True)
class Sum:
    """So many purchases that came to so many units, the last one then."""

    times: int = 0
    amount: int = 0
    last_at: datetime | None = None

    def add(self, times: int, amount: int, last_at: datetime) -> None:
        self.times, self.amount = self.times + times, self.amount + amount
        self.last_at = max(self.last_at, last_at) if self.last_at else last_at


@dataclass(frozen=True, slots=True)
class Trail:
    """In one asset. Stores with the most spent first (None: in none), months one after the other, none left out."""

    asset: str
    all: Sum = field(default_factory=Sum)
    stores: dict[int | None, Sum] = field(default_factory=dict)
    months: dict[date, Sum] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Purchase:
    """One charge, as far as it was not given back, with the goods of its receipt."""

    id: str
    store: int | None
    asset: str
    at: datetime
    amount: int
    goods: Sequence[str]


def of(asked: Asked) -> list[Trail]:
    """A trail in each asset, that with the most purchases first. Only from wallets that the actor may see."""
    found: dict[int, Trail] = {}
    for asset, store, month, times, amount, last_at in _rows(SUMS, asked, zone=settings.TIME_ZONE):
        trail = found.setdefault(asset, Trail(assets.code(asset)))
        for sum_ in (trail.all, trail.stores.setdefault(store, Sum()), trail.months.setdefault(month, Sum())):
            sum_.add(times, amount, last_at)
    return sorted(map(_in_order, found.values()), key=lambda trail: trail.all.times, reverse=True)


def purchases(asked: Asked, *, limit: int) -> tuple[list[Purchase], datetime | None]:
    """The latest first, and before when to go on, if there are more. Those of one moment are never parted."""
    found = [
        Purchase(f"{book}-{seq}", store, assets.code(asset), at, amount, goods)
        for book, seq, store, asset, at, amount, goods in _rows(LATEST, asked, limit=limit + ROOM)
    ]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1].at
    shown = [one for one in found if one.at >= last]
    return shown, last if len(found) > len(shown) else None


def _in_order(trail: Trail) -> Trail:
    stores = sorted(trail.stores.items(), key=lambda item: item[1].amount, reverse=True)
    months, month = dict[date, Sum](), min(trail.months)
    while month <= max(trail.months):
        months[month] = trail.months.get(month, Sum())
        month = later(month, 1)
    return Trail(trail.asset, trail.all, dict(stores), months)


def _rows(statement: str, asked: Asked, **more: int | str) -> list[tuple[Any, ...]]:
    places = wallets.visible_to(asked.actor).filter(customer=asked.customer).values_list("book", "pk")
    books, numbers = [book for book, _number in places], [number for _book, number in places]
    facts: Facts = {"books": books, "wallets": numbers, "kinds": KINDS, "since": asked.since, "before": asked.before}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**facts, "store": asked.store, **more})
        return list(cursor.fetchall())
