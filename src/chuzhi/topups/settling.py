"""Orders that are paid: all those of one moment are locked by one statement and written by another, without a model's ceremony."""

from collections.abc import Iterable, Sequence

from django.db import DEFAULT_DB_ALIAS

from chuzhi.ledger import posting
from chuzhi.ledger.rows import array, texts
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Wallet

COLUMNS = [field.attname for field in Order._meta.concrete_fields]
OF_WALLETS = ["id", "book", "customer_id", "programme_id"]
LOCKED = f"""
    SELECT {", ".join(f"o.{name}" for name in COLUMNS)}, {", ".join(f"w.{name}" for name in OF_WALLETS)}, r.band_id
    FROM top_up_order o JOIN wallet w ON w.id = o.wallet_id
    LEFT JOIN top_up_reservation r ON r.order_id = o.id AND r.ended_at IS NULL
    WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id FOR UPDATE OF o"""  # noqa: S608 # names of our own columns
ENDED = """
    UPDATE top_up_order o SET stage = u.stage, refusal = u.refusal, book = u.book, seq = u.seq, given = u.given,
        repaid = u.repaid, ended_at = u.ended_at
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::timestamptz[])
      AS u(id, stage, refusal, book, seq, given, repaid, ended_at)
    WHERE o.id = u.id"""


def locked(numbers: Iterable[int]) -> dict[int, Order]:
    """With their wallets, and the band that is kept for each. In the order of their ids, so that two who want the same ones do not
    wait for each other."""
    with posting.joined() as exchange:
        found = exchange.ask(LOCKED, [array(sorted(set(numbers)))])
    orders = {}
    for row in found.rows:
        order = orders[row[0]] = Order.from_db(DEFAULT_DB_ALIAS, COLUMNS, row[: len(COLUMNS)])
        order.wallet = Wallet.from_db(DEFAULT_DB_ALIAS, OF_WALLETS, row[len(COLUMNS) : -1])
        order.band = row[-1]
    return orders


def write(orders: Sequence[Order]) -> None:
    """What became of orders that are locked."""
    if not orders:
        return
    with posting.joined() as exchange:
        exchange.ask(
            ENDED,
            [
                array(row.pk for row in orders),
                texts(row.stage for row in orders),
                texts(row.refusal for row in orders),
                array(row.book for row in orders),
                array(row.seq for row in orders),
                array(row.given for row in orders),
                array(row.repaid for row in orders),
                array(row.ended_at and row.ended_at.isoformat() for row in orders),
            ],
        )
