"""An import given back: every opening balance that nobody has touched since, then the customers it brought."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from chuzhi.core.actors import Actor
from chuzhi.customers import imports
from chuzhi.customers.models import ImportBatch
from chuzhi.ledger import assets, posting
from chuzhi.ledger.chart import OPENING, Bucket, Kind
from chuzhi.ledger.operations import Adjust
from chuzhi.organization.authority import require
from chuzhi.wallets.models import Card, Opening
from chuzhi.wallets.records import OpeningReversed

RUN = "imports.run"
AT_ONCE = 400

UNTOUCHED = """
    SELECT o.line, o.wallet, o.seq,
        coalesce((SELECT sum(l.remaining) FROM ledger_lot l WHERE l.book = o.book AND l.wallet = o.wallet AND l.open
            AND l.made_by = o.seq AND (l.expires_at IS NULL OR l.expires_at > now())), 0)::bigint
    FROM opening o
    WHERE o.book = %(book)s AND o.batch = %(batch)s AND o.line = ANY(%(lines)s)
      AND NOT EXISTS (SELECT 1 FROM ledger_operation p WHERE p.book = o.book AND p.wallet = o.wallet AND p.seq > o.seq
          AND p.refusal IS NULL AND p.kind <> %(expiry)s AND p.actor <> %(actor)s)
      AND NOT EXISTS (SELECT 1 FROM ledger_lot l WHERE l.book = o.book AND l.wallet = o.wallet AND l.open
          AND (l.held > 0 OR l.made_by <> o.seq AND NOT EXISTS (
            SELECT 1 FROM opening s WHERE s.book = l.book AND s.batch = o.batch AND s.wallet = l.wallet AND s.seq = l.made_by)))
    ORDER BY o.line"""
IN_USE = """
    SELECT DISTINCT w.customer_id FROM customer c JOIN wallet w ON w.customer_id = c.id
    WHERE c.batch_id = %(batch)s AND EXISTS (SELECT 1 FROM ledger_operation p WHERE p.book = w.book AND p.wallet = w.id
        AND p.refusal IS NULL AND p.kind <> %(expiry)s AND p.actor <> %(actor)s)
    UNION
    SELECT w.customer_id FROM opening o JOIN wallet w ON w.id = o.wallet
    WHERE o.batch = %(batch)s AND o.reversed_seq IS NULL
    UNION
    SELECT w.customer_id FROM import_batch b JOIN card k ON k.brought_by_id = b.id JOIN wallet w ON w.id = k.wallet_id
    WHERE k.brought_by_id = %(batch)s AND EXISTS (SELECT 1 FROM ledger_operation p WHERE p.book = w.book AND p.wallet = w.id
        AND p.refusal IS NULL AND p.kind <> %(expiry)s AND p.actor <> %(actor)s AND p.time >= b.applied_at)"""

TAKEN_BACK = """
    SELECT leg.pot %% 10, -sum(leg.amount)::bigint
    FROM opening o JOIN ledger_operation p ON p.book = o.book AND p.seq = o.reversed_seq
    CROSS JOIN LATERAL unnest(p.leg_pots, p.amounts) leg(pot, amount)
    WHERE o.batch = %(batch)s GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Reversed:
    """What was taken back, in minor units, and who stays: customers whose value has moved, or who changed, since."""

    principal: int
    bonus: int
    staying: frozenset[int]


def reverse(*, batch: ImportBatch, by: Actor) -> Reversed:
    """Take back every opening balance of an import that has not been touched, with a linked operation each.

    A wallet that was spent from, topped up, frozen, or held other value before stays with its customer, who is in the answer.
    Interrupted, it is simply asked for again.
    """
    require(by, RUN)
    asset = assets.number(batch.currency)
    waiting = Opening.objects.filter(batch=batch.pk, seq__isnull=False, reversed_seq=None)
    total = Opening.objects.filter(batch=batch.pk).count()
    progress = ImportBatch.objects.filter(pk=batch.pk)
    progress.update(total=total, done=total - waiting.count())
    for book in sorted(set(waiting.values_list("book", flat=True))):
        lines = list(waiting.filter(book=book).order_by("line").values_list("line", flat=True))
        for start in range(0, len(lines), AT_ONCE):
            part = lines[start : start + AT_ONCE]
            _take_back(batch, book, part, asset)
            progress.update(done=F("done") + len(part))
    with transaction.atomic():
        staying = imports.reverse(batch, by=by, keep=_in_use(batch))
        _end_cards(batch, staying)
    return taken_back(batch, staying)


@transaction.atomic
def _take_back(batch: ImportBatch, book: int, lines: list[int], asset: int) -> None:
    """With the book locked nobody spends between the look and the posting."""
    posting.lock(book)
    with connection.cursor() as cursor:
        cursor.execute(
            UNTOUCHED,
            {"book": book, "batch": batch.pk, "lines": lines, "expiry": int(Kind.EXPIRY), "actor": f"import:{batch.pk}"},
        )
        untouched: list[tuple[int, int, int, int]] = cursor.fetchall()
    for outcome in posting.post(
        [
            Adjust(
                book=book, wallet=wallet, key=f"import:{batch.pk}:{line}:reversed", by=f"import:{batch.pk}", asset=asset,
                amount=left, into=OPENING, reason=f"import:{batch.pk}", reverses=seq,
                documents=(OpeningReversed(batch.pk, line),),
            )
            for line, wallet, seq, left in untouched
            if left
        ]
    ):  # fmt: skip
        outcome.raise_if_refused()


def _in_use(batch: ImportBatch) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, {"batch": batch.pk, "expiry": int(Kind.EXPIRY), "actor": f"import:{batch.pk}"})
        return {customer for (customer,) in cursor.fetchall() if customer}


def _end_cards(batch: ImportBatch, staying: Collection[int]) -> None:
    """The numbers that the import gave out find nothing any more, but for customers who stay."""
    brought = Card.objects.filter(brought_by=batch, status=Card.Status.ACTIVE)
    brought.exclude(wallet__customer__in=staying).update(status=Card.Status.DEAD)


def taken_back(batch: ImportBatch, staying: Collection[int]) -> Reversed:
    """What the reversal of an import took, summed over its entries."""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN_BACK, {"batch": batch.pk})
        taken = dict(cursor.fetchall())
    return Reversed(taken.get(Bucket.PRINCIPAL, 0), taken.get(Bucket.BONUS, 0), frozenset(staying))
