"""Many wallets at once, each answer in one read: what they hold now, what of it expires soon, and what was done to them last.

Lots that have expired and holds that have lapsed count as such already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.queries import ENTRY_COLUMNS, Entry, entry_of

THESE = "FROM unnest(%(books)s::int[], %(wallets)s::bigint[]) w(book, wallet)"
LAPSED = """
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(part.units), 0)::bigint AS units
        FROM ledger_hold h CROSS JOIN LATERAL unnest(h.lots, h.parts) part(lot, units)
        WHERE h.book = l.book AND h.wallet = l.wallet AND h.open AND h.expires_at <= %(now)s AND part.lot = l.id
    ) lapsed ON TRUE"""
HELD = f"""
    SELECT w.book, w.wallet, coalesce(s.standing, 0), l.asset * 10 + l.bucket,
        sum(CASE WHEN l.expires_at <= %(now)s THEN l.held - lapsed.units ELSE l.remaining END)::bigint,
        sum(l.held - lapsed.units)::bigint
    {THESE}
    LEFT JOIN ledger_wallet_state s ON s.book = w.book AND s.wallet = w.wallet
    LEFT JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.wallet AND l.open
    {LAPSED}
    GROUP BY 1, 2, 3, 4"""
EXPIRING = f"""
    SELECT w.wallet, l.asset, l.expires_at, sum(l.remaining - l.held + lapsed.units)::bigint
    {THESE}
    JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.wallet AND l.open AND l.bucket <> %(debt)s
        AND l.expires_at > %(now)s AND l.expires_at <= %(until)s
    {LAPSED}
    GROUP BY 1, 2, 3 HAVING sum(l.remaining - l.held + lapsed.units) > 0 ORDER BY 3"""
LATEST = f"""
    SELECT {ENTRY_COLUMNS} {THESE}
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_operation WHERE book = w.book AND wallet = w.wallet
            AND (%(since)s::timestamptz IS NULL OR effective_at >= %(since)s)
            AND (%(before)s::timestamptz IS NULL OR effective_at < %(before)s)
        ORDER BY effective_at DESC, seq DESC LIMIT %(limit)s
    ) o"""
Places = Sequence[tuple[int, int]]
"""Wallets, each after the book that it is in."""


@dataclass(slots=True)
class Figures:
    """`pots`: (units, promised units) by pot."""

    standing: Standing
    pots: dict[int, tuple[int, int]] = field(default_factory=dict)


def of(wallets: Places, now: datetime) -> dict[int, Figures]:
    """By wallet."""
    found: dict[int, Figures] = {}
    for _book, wallet, standing, pot, units, held in _read(HELD, wallets, now=now):
        figures = found.setdefault(wallet, Figures(Standing(standing)))
        if pot is not None:
            figures.pots[pot] = (units, held)
    return found


def expiring(wallets: Places, now: datetime, until: datetime) -> list[tuple[int, int, datetime, int]]:
    """What is free and will be gone by then: wallet, asset, when, and minor units; soonest first."""
    return _read(EXPIRING, wallets, now=now, until=until, debt=int(Bucket.DEBT))


def latest(wallets: Places, limit: int, *, since: datetime | None = None, before: datetime | None = None) -> list[Entry]:
    """The last so many entries of each wallet by when they took effect, refusals too."""
    return [entry_of(row) for row in _read(LATEST, wallets, limit=limit, since=since, before=before)]


def _read(question: str, wallets: Places, **facts: datetime | int | None) -> list[Any]:
    books, numbers = [book for book, _wallet in wallets], [wallet for _book, wallet in wallets]
    with connection.cursor() as cursor:
        cursor.execute(question, {"books": books, "wallets": numbers, **facts})
        return list(cursor.fetchall())
