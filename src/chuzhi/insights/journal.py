"""What the journal says of a stretch of time: what moved, added up or entry by entry, and what everybody holds.

Nothing here reads the whole journal. An entry takes effect when it is written or before, so the batches that were written before
the stretch are left out without an index; and what everybody holds is the other side of the company's running totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from chuzhi.core.remembered import Remembered
from chuzhi.insights.rules import Change, Flow, Held
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import PARTIES, Bucket, Kind, System

WITHIN = """
    FROM ledger_book_head h
    CROSS JOIN LATERAL (
        SELECT coalesce(max(last_seq), 0) AS seq FROM (
            SELECT last_seq FROM ledger_batch WHERE book = h.book AND time < %(start)s ORDER BY batch_no DESC LIMIT 1
        ) before
    ) earlier
    JOIN ledger_operation o ON o.book = h.book AND o.seq > earlier.seq"""
STRETCH = " WHERE o.effective_at >= %(start)s AND o.effective_at < %(end)s AND o.refusal IS NULL"
WAYS = """
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(units) FILTER (WHERE pot = o.asset * 10 + %(principal)s), 0)::bigint AS principal,
            coalesce(sum(units) FILTER (WHERE pot = o.asset * 10 + %(bonus)s), 0)::bigint AS bonus,
            coalesce(max(account) FILTER (WHERE account / %(parties)s = %(clearing)s), 0) %% %(parties)s AS method
        FROM unnest(o.leg_pots, o.amounts, o.accounts) leg(pot, units, account)
    ) moved
    CROSS JOIN LATERAL (
        SELECT coalesce(
            nullif(substring(o.details FROM '"channel":"([a-z]+)"'), ''),
            CASE WHEN o.till IS NOT NULL OR o.actor LIKE 'staff:%%' THEN 'counter' WHEN o.actor LIKE 'key:%%' THEN 'program'
                 WHEN o.actor LIKE 'customer:%%' THEN 'phone' ELSE 'auto' END) AS channel
    ) way"""
FLOWS = f"""
    SELECT o.kind, o.asset, o.store, way.channel, moved.method,
        extract(hour FROM o.effective_at AT TIME ZONE %(zone)s)::int, sum(o.amount)::bigint, count(*)
    {WITHIN} {WAYS} {STRETCH} GROUP BY 1, 2, 3, 4, 5, 6"""
MOVES = f"""
    SELECT o.book, o.seq, o.wallet, o.kind, o.asset, o.amount, moved.principal, moved.bonus, o.effective_at, o.actor, o.store,
        way.channel, moved.method
    {WITHIN} {WAYS} {STRETCH}"""
CHANGES = f"""
    SELECT (o.effective_at AT TIME ZONE %(zone)s)::date, o.kind, leg.pot / 10,
        coalesce(sum(leg.units) FILTER (WHERE leg.pot %% 10 = %(principal)s), 0)::bigint,
        coalesce(sum(leg.units) FILTER (WHERE leg.pot %% 10 = %(bonus)s), 0)::bigint
    {WITHIN} CROSS JOIN LATERAL unnest(o.leg_pots, o.amounts) leg(pot, units) {STRETCH} GROUP BY 1, 2, 3"""
HELD = """
    SELECT pot / 10, -coalesce(sum(total) FILTER (WHERE pot %% 10 = %(principal)s), 0)::bigint,
        -coalesce(sum(total) FILTER (WHERE pot %% 10 = %(bonus)s), 0)::bigint
    FROM ledger_system_total GROUP BY 1 ORDER BY 1"""
PAST_DAYS_ARE_KEPT_SECONDS = 300.0
Facts = dict[str, int | str | datetime | list[int] | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One entry, with what it did to what its wallet holds."""

    book: int
    seq: int
    wallet: int
    kind: Kind
    asset: int
    amount: int
    principal: int
    bonus: int
    at: datetime
    actor: str
    store: int | None
    channel: str
    method: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: of these days (the last one included), and of the rest what is not empty. `stores` None: all of them."""

    first: date
    last: date
    asset: int | None = None
    kinds: tuple[int, ...] = ()
    store: int | None = None
    has_no_store: bool = False
    channel: str = ""
    method: int | None = None
    stores: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The last entry that was read: the next ones took effect before it."""

    at: datetime
    book: int
    seq: int


def flows(first: date, last: date) -> list[Flow]:
    """Of whole days of the shop, added up; nothing that was refused."""
    with connection.cursor() as cursor:
        cursor.execute(FLOWS, _facts(first, last))
        return [Flow(Kind(kind), *rest) for kind, *rest in cursor.fetchall()]


def moves(wanted: Wanted, count: int, after: Edge | None = None) -> list[Move]:
    """The newest first."""
    conditions, facts = _conditions(wanted)
    if after is not None:
        conditions.append("(o.effective_at, o.book, o.seq) < (%(edge_at)s, %(edge_book)s, %(edge_seq)s)")
        facts |= {"edge_at": after.at, "edge_book": after.book, "edge_seq": after.seq}
    return _moves(conditions, "o.effective_at DESC, o.book DESC, o.seq DESC", facts, count)


def largest(wanted: Wanted, count: int) -> list[Move]:
    """Those that moved most."""
    conditions, facts = _conditions(wanted)
    conditions.append("(moved.principal <> 0 OR moved.bonus <> 0)")
    return _moves(conditions, "abs(moved.principal + moved.bonus) DESC, o.effective_at DESC", facts, count)


def held() -> dict[int, Held]:
    """What all customers hold now, by asset."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"principal": int(Bucket.PRINCIPAL), "bonus": int(Bucket.BONUS)})
        return {asset: Held(principal, bonus) for asset, principal, bonus in cursor.fetchall()}


def changes(days: tuple[date, date]) -> list[Change]:
    """How entries of each kind changed what customers hold, from the first day to the last."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, _facts(*days))
        return [Change(day, Kind(kind), asset, Held(*units)) for day, kind, asset, *units in cursor.fetchall()]


past_changes = Remembered(changes, seconds=PAST_DAYS_ARE_KEPT_SECONDS)
"""The same for a stretch that is over, for pages that ask again and again."""


def today() -> date:
    return timezone.localdate(timezone=shop_zone())


def _facts(first: date, last: date) -> Facts:
    start, end = (datetime.combine(day, time.min, shop_zone()) for day in (first, last + timedelta(days=1)))
    return {
        "start": start, "end": end, "zone": str(shop_zone()), "principal": int(Bucket.PRINCIPAL), "bonus": int(Bucket.BONUS),
        "parties": PARTIES, "clearing": int(System.CLEARING),
    }  # fmt: skip


def _conditions(wanted: Wanted) -> tuple[list[str], Facts]:
    asked: dict[str, tuple[str, int | str | list[int] | None]] = {
        "o.asset = %(asset)s": ("asset", wanted.asset),
        "o.kind = ANY(%(kinds)s)": ("kinds", list(wanted.kinds) or None),
        "o.store = %(store)s": ("store", wanted.store),
        "way.channel = %(channel)s": ("channel", wanted.channel or None),
        "moved.method = %(method)s": ("method", wanted.method),
        "o.store = ANY(%(stores)s)": ("stores", None if wanted.stores is None else list(wanted.stores)),
    }
    conditions = [condition for condition, (_name, value) in asked.items() if value is not None]
    if wanted.has_no_store:
        conditions.append("o.store IS NULL")
    facts: Facts = {name: value for name, value in asked.values() if value is not None}
    return conditions, _facts(wanted.first, wanted.last) | facts


def _moves(conditions: Sequence[str], order: str, facts: Facts, count: int) -> list[Move]:
    """Conditions and order are literals of this module."""
    statement = f"{MOVES}{''.join(f' AND {each}' for each in conditions)} ORDER BY {order} LIMIT {count:d}"
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return [_move(row) for row in cursor.fetchall()]


def _move(row: Sequence[object]) -> Move:
    book, seq, wallet, kind, *rest = row
    return Move(book, seq, wallet, Kind(kind), *rest)  # type: ignore[arg-type]  # as the statement selects them
