"""What came over the counters and by other ways in a stretch of time, by store, straight from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chuzhi.ledger.chart import Kind

COUNTED = (Kind.TOP_UP, Kind.CHARGE, Kind.CAPTURE, Kind.REFUND, Kind.TOP_UP_REFUND)

BETWEEN = """
    SELECT o.store, o.asset,
        coalesce(sum(o.amount) FILTER (WHERE o.kind = %(top_up)s), 0)::bigint,
        coalesce(sum(o.amount) FILTER (WHERE o.kind = ANY(%(spending)s)), 0)::bigint,
        coalesce(sum(o.amount) FILTER (WHERE o.kind = ANY(%(returning)s)), 0)::bigint,
        count(*)
    FROM ledger_book_head h
    CROSS JOIN LATERAL (
        SELECT coalesce(max(last_seq), 0) AS seq FROM (
            SELECT last_seq FROM ledger_batch WHERE book = h.book AND time < %(start)s ORDER BY batch_no DESC LIMIT 1
        ) before
    ) earlier
    JOIN ledger_operation o ON o.book = h.book AND o.seq > earlier.seq
    WHERE o.effective_at >= %(start)s AND o.effective_at < %(end)s AND o.refusal IS NULL AND o.kind = ANY(%(counted)s)
    GROUP BY o.store, o.asset ORDER BY o.store NULLS LAST, o.asset"""
# What counts for a moment was written then or later, so the batches written before the stretch are left out without an index.


@dataclass(frozen=True, slots=True)
class Takings:
    """Sums in minor units of one asset, and how many operations they are. No store: a pay link, a partner, the office."""

    store: int | None
    asset: int
    topped_up: int
    charged: int
    refunded: int
    operations: int


def between(start: datetime, end: datetime) -> list[Takings]:
    """By the time at which things took effect. Nothing that was refused."""
    facts: dict[str, int | list[int] | datetime] = {
        "top_up": int(Kind.TOP_UP), "spending": [int(Kind.CHARGE), int(Kind.CAPTURE)],
        "returning": [int(Kind.REFUND), int(Kind.TOP_UP_REFUND)], "counted": [int(kind) for kind in COUNTED],
        "start": start, "end": end,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BETWEEN, facts)
        return [Takings(*row) for row in cursor.fetchall()]


def together(found: Iterable[Takings]) -> list[Takings]:
    """The sum of all stores for each asset, the busiest first."""
    by_asset: dict[int, list[Takings]] = {}
    for one in found:
        by_asset.setdefault(one.asset, []).append(one)
    sums = [
        Takings(
            None, asset, sum(one.topped_up for one in rows), sum(one.charged for one in rows),
            sum(one.refunded for one in rows), sum(one.operations for one in rows),
        )
        for asset, rows in by_asset.items()
    ]  # fmt: skip
    return sorted(sums, key=lambda one: -one.operations)
