"""What somebody spent out of a wallet that is another's, as the journal has it."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from chuzhi.ledger.chart import Bucket, Kind

SPENT = """
    SELECT o.time, coalesce(sum(-leg.amount - coalesce(leg.back, 0)), 0)::bigint
    FROM unnest(%(books)s::smallint[], %(wallets)s::bigint[]) place(book, wallet)
    JOIN ledger_operation o ON o.book = place.book AND o.wallet = place.wallet
    LEFT JOIN ledger_given_back g ON g.book = o.book AND g.seq = o.seq
    CROSS JOIN LATERAL unnest(o.leg_pots, o.amounts, g.per_leg) leg(pot, amount, back)
    WHERE o.kind = %(kind)s AND o.refusal IS NULL AND o.time >= %(since)s
      AND o.details LIKE '%%"spent_by":%%' AND o.details::jsonb ->> 'spent_by' = %(spender)s
      AND leg.amount < 0 AND leg.pot / 10 = o.asset AND leg.pot %% 10 <> %(debt)s
    GROUP BY o.book, o.seq, o.time"""


def named_in(details: str) -> str:
    """Whom an entry names, by its details; nothing, where it was the holder."""
    return str(json.loads(details).get("spent_by", "")) if '"spent_by":' in details else ""


def spent(places: Sequence[tuple[int, int]], spender: str, since: Sequence[datetime]) -> list[int]:
    """For each moment what was spent from it on out of these wallets (book, wallet), less what was given back of that."""
    facts: dict[str, int | str | datetime | list[int]] = {
        "books": [book for book, _wallet in places],
        "wallets": [wallet for _book, wallet in places],
        "kind": int(Kind.CHARGE),
        "debt": int(Bucket.DEBT),
        "spender": spender,
        "since": min(since),
    }
    with connection.cursor() as cursor:
        cursor.execute(SPENT, facts)
        charges = cursor.fetchall()
    return [sum(amount for at, amount in charges if at >= moment) for moment in since]
