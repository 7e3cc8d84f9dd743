"""What moved in a wallet in a stretch of time, by when it took effect, and what there was before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chuzhi.ledger.chart import Bucket, Kind

MOVED = """
    SELECT o.seq, o.kind, o.effective_at, o.store,
        coalesce(sum(leg.amount) FILTER (WHERE leg.pot %% 10 = %(principal)s), 0)::bigint,
        coalesce(sum(leg.amount) FILTER (WHERE leg.pot %% 10 = %(bonus)s), 0)::bigint,
        coalesce(sum(leg.amount) FILTER (WHERE leg.pot %% 10 = %(debt)s), 0)::bigint,
        coalesce(substring(o.details FROM '"spent_by":"([^"]+)"'), '')
    FROM ledger_operation o CROSS JOIN LATERAL unnest(o.leg_pots, o.amounts) leg(pot, amount)
    WHERE o.book = %(book)s AND o.wallet = %(wallet)s AND o.refusal IS NULL AND leg.pot / 10 = %(asset)s AND leg.amount <> 0
      AND o.effective_at >= %(since)s AND o.effective_at < %(until)s
    GROUP BY o.book, o.seq
    ORDER BY o.effective_at, o.seq
    LIMIT %(most)s"""
BEFORE = """
    SELECT leg.pot %% 10, sum(leg.amount)::bigint
    FROM ledger_operation o CROSS JOIN LATERAL unnest(o.leg_pots, o.amounts) leg(pot, amount)
    WHERE o.book = %(book)s AND o.wallet = %(wallet)s AND o.refusal IS NULL AND leg.pot / 10 = %(asset)s
      AND o.effective_at < %(since)s
    GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry's part: units that each bucket gained (+) or lost (-)."""

    seq: int
    kind: Kind
    at: datetime
    store: int | None
    principal: int
    bonus: int
    debt: int
    spent_by: str = ""


def between(book: int, wallet: int, asset: int, *, since: datetime, until: datetime, most: int) -> Iterator[Movement]:
    """The oldest first, at most so many; `until` is not included."""
    asked: dict[str, int | datetime] = {bucket.name.lower(): int(bucket) for bucket in Bucket}
    asked |= {"book": book, "wallet": wallet, "asset": asset, "since": since, "until": until, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(MOVED, asked)
        return (Movement(seq, Kind(kind), *rest) for seq, kind, *rest in cursor.fetchall())


def before(book: int, wallet: int, asset: int, moment: datetime) -> dict[Bucket, int]:
    """What there was of each bucket, by everything that had taken effect; a bucket that never held anything is missing."""
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, {"book": book, "wallet": wallet, "asset": asset, "since": moment})
        return {Bucket(bucket): units for bucket, units in cursor.fetchall()}
