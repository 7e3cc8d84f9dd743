"""Readers of the journal: each remembers, book by book, how far it has come, in the transaction of what it did there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chuzhi.ledger import outcomes
from chuzhi.ledger.models import BookHead, Follower, Operation
from chuzhi.ledger.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation of the journal, as a follower reads it; `details` is JSON as it was asked."""

    outcome: Outcome
    actor: str
    store: int | None
    till: int | None
    effective_at: datetime
    details: str


Handler = Callable[[Sequence[Entry]], None]


def follow(name: str, handler: Handler, *, limit: int = 500) -> int:
    """Hand over what is new, book by book, at most `limit` of each; answers how many there were.

    Entries of a book come in order and once: the handler's rows and the cursor are one transaction, so what the handler raises
    leaves both as they were. Two processes that follow under one name take turns. Refusals are entries too.
    """
    places = dict(Follower.objects.filter(name=name).values_list("book", "seq"))
    behind = [
        book for book, seq in BookHead.objects.values_list("book", "last_seq").order_by("book") if seq > places.get(book, 0)
    ]
    missing = [Follower(book=book, name=name, seq=0) for book in behind if book not in places]
    Follower.objects.bulk_create(missing, ignore_conflicts=True)
    return sum(_follow(name, book, handler, limit) for book in behind)


def _follow(name: str, book: int, handler: Handler, limit: int) -> int:
    with transaction.atomic():
        cursor = Follower.objects.select_for_update(skip_locked=True).filter(book=book, name=name).first()
        if cursor is None:
            return 0
        rows = list(Operation.objects.filter(book=book, seq__gt=cursor.seq).order_by("seq")[:limit])
        if rows:
            handler([_entry(row) for row in rows])
            Follower.objects.filter(book=book, name=name).update(seq=rows[-1].seq)
    return len(rows)


def lag(name: str) -> int:
    """How many operations this follower has yet to read."""
    places = dict(Follower.objects.filter(name=name).values_list("book", "seq"))
    return sum(seq - places.get(book, 0) for book, seq in BookHead.objects.values_list("book", "last_seq"))


def _entry(row: Operation) -> Entry:
    outcome = outcomes.of_row(
        (row.book, row.seq, row.wallet, row.kind, row.asset, row.amount, row.refusal, row.lots, row.leg_pots, row.accounts,
         row.amounts, row.promises, row.pots, row.balances, row.helds, row.ref_seq, row.effective_at, row.time, row.fingerprint,
         row.outcome),
        replayed=False,
    )  # fmt: skip
    return Entry(outcome, row.actor, row.store, row.till, row.effective_at, row.details)
