"""What a customer buys: the goods that stand on most of their latest receipts."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Kind
from chuzhi.wallets.queries import VIEW

LATEST, SHOWN, OFTEN = 200, 3, 2
"""Of so many charges of each wallet, so many goods are told, if they were bought so many times."""
GOODS = """
    SELECT (array_agg(line.name ORDER BY charge.seq DESC))[1], count(DISTINCT (charge.book, charge.seq)), max(charge.at)
    FROM wallet w
    CROSS JOIN LATERAL (
        SELECT o.book, o.seq, o.effective_at AS at FROM ledger_operation o
        LEFT JOIN ledger_given_back back ON back.book = o.book AND back.seq = o.seq
        WHERE o.book = w.book AND o.wallet = w.id AND o.kind = ANY(%(kinds)s) AND o.refusal IS NULL
          AND o.amount > coalesce((SELECT sum(units) FROM unnest(back.per_leg) units), 0)
        ORDER BY o.seq DESC LIMIT %(latest)s
    ) charge
    JOIN sale_line line ON line.book = charge.book AND line.seq = charge.seq
    WHERE w.customer_id = %(customer)s AND line.amount > coalesce((
        SELECT sum(back.amount) FROM sale_return came JOIN returned_line back ON back.came_back_id = came.id
        WHERE came.book = line.book AND came.seq = line.seq AND back.line = line.line), 0)
    GROUP BY coalesce('product ' || line.product, 'sku ' || nullif(line.sku, ''), line.name)
    HAVING count(DISTINCT (charge.book, charge.seq)) >= %(often)s
    ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(shown)s"""
# Goods are told apart by product, or number, or name. What was given back, or came back, was not bought.


@dataclass(frozen=True, slots=True)
class Bought:
    """Goods by the name on the latest receipt, and on how many receipts they stand."""

    name: str
    times: int
    last_at: datetime


def most_often(customer: int, actor: Actor) -> list[Bought]:
    """By what they paid from their own wallets, the most often bought first. Nothing without the right to see wallets."""
    if not actor.may(VIEW):
        return []
    kinds = [int(Kind.CHARGE), int(Kind.CAPTURE)]
    with connection.cursor() as cursor:
        cursor.execute(GOODS, {"customer": customer, "kinds": kinds, "latest": LATEST, "often": OFTEN, "shown": SHOWN})
        return [Bought(*row) for row in cursor.fetchall()]
