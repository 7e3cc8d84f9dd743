"""What customers paid and have not spent, by the store that sold it: at the end of a day, and how it moved between two.

Every figure is a sum of legs of the journal, so whatever is read of it ties to the ledger. Minor units of a currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from chuzhi.ledger import assets
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.organization.models import Store
from chuzhi.wallets import ceilings

ORIGIN = """
    WITH RECURSIVE back AS (
        SELECT book AS of_book, seq AS of_seq, kind, store, nullif(details, '')::jsonb AS told
        FROM ledger_operation WHERE kind = %(transfer_in)s AND refusal IS NULL
        UNION ALL
        SELECT back.of_book, back.of_seq, made.kind, made.store, nullif(made.details, '')::jsonb
        FROM back
        JOIN ledger_operation sent ON sent.book = (back.told ->> 'from_book')::int AND sent.seq = (back.told ->> 'from_seq')::bigint
        JOIN ledger_lot l ON l.book = sent.book AND l.wallet = sent.wallet AND l.id = sent.lots[1]
        JOIN ledger_operation made ON made.book = l.book AND made.seq = l.made_by
        WHERE back.kind = %(transfer_in)s
    ), origin AS (SELECT of_book, of_seq, store FROM back WHERE kind <> %(transfer_in)s) """
# A lot belongs to the store of the operation that made it, and after a transfer still to the one that sold it: that store's pack
# says what is owed for it.
MOVED = """
    SELECT coalesce(origin.store, made.store), leg.pot / 10, o.kind, sum(leg.units)::bigint
    FROM ledger_operation o
    CROSS JOIN LATERAL unnest(o.lots, o.leg_pots, o.amounts) leg(lot, pot, units)
    JOIN ledger_lot l ON l.book = o.book AND l.wallet = o.wallet AND l.id = leg.lot
    JOIN ledger_operation made ON made.book = l.book AND made.seq = l.made_by
    LEFT JOIN origin ON origin.of_book = made.book AND origin.of_seq = made.seq
    WHERE o.refusal IS NULL AND leg.pot %% 10 = %(principal)s AND leg.units <> 0
      AND o.time < %(until)s AND (%(since)s::timestamptz IS NULL OR o.time >= %(since)s)
    GROUP BY 1, 2, 3"""

LEFT = """
    SELECT l.asset, sum(l.remaining)
    FROM ledger_lot l JOIN ledger_operation made ON made.book = l.book AND made.seq = l.made_by
    LEFT JOIN origin ON origin.of_book = made.book AND origin.of_seq = made.seq
    WHERE coalesce(origin.store, made.store) = %(store)s AND l.open AND l.bucket = %(principal)s GROUP BY 1"""

FACTS = {"principal": int(Bucket.PRINCIPAL), "transfer_in": int(Kind.TRANSFER_IN)}


@dataclass(frozen=True, slots=True)
class Moved:
    """By how much the unspent principal of one pack's stores grew or fell by one kind of operation."""

    pack: str
    currency: str
    kind: Kind
    amount: int


def moved(*, since: date | None, last: date) -> list[Moved]:
    """From the beginning of a day, or from the first ever, to the end of another."""
    days = {"since": _begins(since) if since else None, "until": _begins(last + timedelta(days=1))}
    with connection.cursor() as cursor:
        cursor.execute(ORIGIN + MOVED, {**FACTS, **days})
        rows = cursor.fetchall()
    sums: dict[tuple[str, str, Kind], int] = {}
    for store, asset, kind, amount in rows:
        if currency := assets.currency(asset):
            of = (ceilings.pack_of(store), currency, Kind(kind))
            sums[of] = sums.get(of, 0) + amount
    return [Moved(*of, amount) for of, amount in sums.items()]


def unspent(moves: Iterable[Moved], pack: str, currency: str) -> int:
    return sum(each.amount for each in moves if (each.pack, each.currency) == (pack, currency))


def sold_by(store: Store, currency: str) -> int:
    """What is unspent now of what one store sold."""
    with connection.cursor() as cursor:
        cursor.execute(ORIGIN + LEFT, {**FACTS, "store": store.pk})
        rows = cursor.fetchall()
    return sum(int(amount) for asset, amount in rows if assets.currency(asset) == currency)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, shop_zone())
