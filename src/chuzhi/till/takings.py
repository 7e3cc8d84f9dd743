"""What came over the counters in a stretch of time, by store, straight from the journal."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chuzhi.ledger.chart import Kind

COUNTED = (Kind.TOP_UP, Kind.CHARGE, Kind.CAPTURE, Kind.REFUND, Kind.TOP_UP_REFUND)


@dataclass(frozen=True, slots=True)
class Takings:
    """One store's sums in minor units of one asset, and how many operations they are."""

    store: int
    asset: int
    topped_up: int
    charged: int
    refunded: int
    operations: int


def between(start: datetime, end: datetime) -> list[Takings]:
    """By the time at which things took effect. Nothing that was refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT store, asset,
                   coalesce(sum(amount) FILTER (WHERE kind = %s), 0)::bigint,
                   coalesce(sum(amount) FILTER (WHERE kind IN (%s, %s)), 0)::bigint,
                   coalesce(sum(amount) FILTER (WHERE kind IN (%s, %s)), 0)::bigint,
                   count(*)
               FROM ledger_operation
               WHERE effective_at >= %s AND effective_at < %s AND refusal IS NULL AND store IS NOT NULL AND kind = ANY(%s)
               GROUP BY store, asset ORDER BY store, asset""",
            [*map(int, COUNTED), start, end, [int(kind) for kind in COUNTED]],
        )
        return [Takings(*row) for row in cursor.fetchall()]
