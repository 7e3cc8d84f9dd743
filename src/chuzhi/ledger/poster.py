"""Concurrent requests share one commit: a thread a lane takes whatever is queued when its last batch ends.

No timer: a lone request pays one commit, a crowd shares one. The queue is memory only and bounded; nothing is acknowledged
before COMMIT, and callers retry with the same key. Books are split into lanes, so that deciding in one lane overlaps with the
database's work in another.
"""

import threading
from collections import Counter
from collections.abc import Sequence

import psycopg
from django.conf import settings
from django.db import connections

from chuzhi.core.gathering import Gathering, Pending, Running
from chuzhi.ledger import batch
from chuzhi.ledger.errors import LedgerBusy, LedgerUnavailable
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.rows import Raw, transaction

LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
ANSWER_WITHIN_SECONDS = 30

Waiting = Pending[Operation, Outcome]


def submit(operations: Sequence[Operation]) -> list[Outcome]:
    """Queue, wait, answer. All operations of one call may share a batch; each stands or falls alone.

    Raises LedgerBusy when there is no room for all of them: then none is begun.
    """
    waiting = _enqueue(_lanes(), operations)
    try:
        return [each.result(ANSWER_WITHIN_SECONDS) for each in waiting]
    except TimeoutError as late:
        raise LedgerUnavailable("no answer in time") from late


class Lane(Gathering[Operation, Outcome]):
    """One queue, one connection, one batch at a time."""

    largest = LARGEST_BATCH
    shared = (LedgerUnavailable,)

    def __init__(self, number: int) -> None:
        super().__init__(f"ledger-lane-{number}")
        self.connection: Raw | None = None

    def next_batches(self) -> list[list[Waiting]]:
        """Where a batch may hold one book only, one for each."""
        [waiting] = super().next_batches()
        return _one_book_each(waiting) if settings.LEDGER_ONE_BOOK_PER_BATCH else [waiting]

    def work(self, asked: Sequence[Operation]) -> list[Outcome]:
        """One transaction. After a lost connection ask again: what was committed answers by its key, the rest happens now."""
        try:
            return self._attempt(asked)
        except psycopg.OperationalError:
            self._hang_up()
        try:
            return self._attempt(asked)
        except psycopg.OperationalError as lost:
            self._hang_up()
            raise LedgerUnavailable(str(lost)) from lost

    def _attempt(self, operations: Sequence[Operation]) -> list[Outcome]:
        if self.connection is None or self.connection.closed:
            self.connection = connect()
        with transaction(self.connection) as exchange:
            return batch.run(exchange, operations)

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def connect(alias: str = "default") -> Raw:
    """A plain connection as the product's role."""
    known = connections[alias].settings_dict
    return psycopg.connect(
        host=known["HOST"] or None,
        port=known["PORT"] or None,
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        options="-c timezone=UTC -c application_name=chuzhi-ledger -c plan_cache_mode=force_generic_plan",
        autocommit=True,
        connect_timeout=5,
    )


def _enqueue(lanes: Sequence[Lane], operations: Sequence[Operation]) -> list[Waiting]:
    """All or none. Only callers add, one at a time, and lanes only take: what is found to fit does fit."""
    with _queueing:
        coming = Counter(asked.book % len(lanes) for asked in operations)
        if any(lanes[number].queue.qsize() + count > LONGEST_QUEUE for number, count in coming.items()):
            raise LedgerBusy("the ledger's queue is full")
        waiting: list[Waiting] = [Pending(asked) for asked in operations]
        for each in waiting:
            lanes[each.asked.book % len(lanes)].queue.put(each)
    return waiting


def _one_book_each(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    groups: dict[int, list[Waiting]] = {}
    for each in waiting:
        groups.setdefault(each.asked.book, []).append(each)
    return list(groups.values())


_lanes = Running(lambda: [Lane(number) for number in range(settings.LEDGER_LANES)])
_queueing = threading.Lock()
