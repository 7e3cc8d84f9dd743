"""Which lots pay how much."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.operations import Order
from chuzhi.ledger.rules.state import Lot

Draw = list[tuple[Lot, int]]


def draw(lots: Sequence[Lot], amount: int, order: str) -> Draw:
    """Parts of `amount` from free value, by the programme's deduction order; `amount` is at most what is free."""
    if order == Order.PROPORTIONAL:
        return _proportional(lots, amount)
    return _in_turn(sorted(lots, key=_KEYS[order]), amount)


def _soonest(lot: Lot) -> tuple[bool, datetime | None, int, int]:
    return (lot.expires_at is None, lot.expires_at, lot.bucket, lot.id)


_KEYS = {
    Order.SOONEST_EXPIRY: _soonest,
    Order.PRINCIPAL_FIRST: lambda lot: (lot.bucket, *_soonest(lot)),
    Order.BONUS_FIRST: lambda lot: (-lot.bucket, *_soonest(lot)),
}


def _in_turn(lots: Iterable[Lot], amount: int) -> Draw:
    drawn: Draw = []
    for lot in lots:
        if amount <= 0:
            break
        part = min(lot.remaining - lot.held, amount)
        drawn.append((lot, part))
        amount -= part
    return drawn


def _proportional(lots: Sequence[Lot], amount: int) -> Draw:
    """Principal and bonus share as they stand to each other, the odd unit paid by principal; soonest expiry first in each."""
    paid = sorted([lot for lot in lots if lot.bucket == Bucket.PRINCIPAL], key=_soonest)
    given = sorted([lot for lot in lots if lot.bucket == Bucket.BONUS], key=_soonest)
    bonus = sum([lot.remaining - lot.held for lot in given])
    total = bonus + sum([lot.remaining - lot.held for lot in paid])
    by_bonus = amount * bonus // total
    return _in_turn(paid, amount - by_bonus) + _in_turn(given, by_bonus)
