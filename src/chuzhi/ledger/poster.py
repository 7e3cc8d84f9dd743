"""Concurrent requests share one commit: a thread a lane takes whatever is queued when its last batch ends.

No timer: a lone request pays one commit, a crowd shares one. The queue is memory only and bounded; nothing is acknowledged
before COMMIT, and callers retry with the same key. Books are split into lanes, so that deciding in one lane overlaps with the
database's work in another.
"""

import os
import queue
import threading
from collections import Counter
from collections.abc import Sequence

import psycopg
from django.conf import settings
from django.db import connections

from chuzhi.ledger import batch
from chuzhi.ledger.errors import LedgerBusy, LedgerUnavailable
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.rows import Raw, transaction

LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
ANSWER_WITHIN_SECONDS = 30


class Pending:
    """An operation whose caller waits. A bare lock, not a Future: half the price, and every charge pays it."""

    __slots__ = ("_fault", "_is_answered", "_outcome", "asked")

    def __init__(self, asked: Operation) -> None:
        self.asked = asked
        self._outcome: Outcome | None = None
        self._fault: BaseException | None = None
        self._is_answered = threading.Lock()
        self._is_answered.acquire()

    def answer(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._is_answered.release()

    def fail(self, fault: BaseException) -> None:
        self._fault = fault
        self._is_answered.release()

    def result(self, patience: float) -> Outcome:
        """The answer, or the fault raised. Raises LedgerUnavailable after `patience` seconds without either."""
        if not self._is_answered.acquire(timeout=patience):
            raise LedgerUnavailable("no answer in time")
        self._is_answered.release()
        if self._outcome is None:
            raise self._fault or LedgerUnavailable("no answer")
        return self._outcome


def submit(operations: Sequence[Operation]) -> list[Outcome]:
    """Queue, wait, answer. All operations of one call may share a batch; each stands or falls alone.

    Raises LedgerBusy when there is no room for all of them: then none is begun.
    """
    return [each.result(ANSWER_WITHIN_SECONDS) for each in _enqueue(_lanes(), operations)]


class Lane(threading.Thread):
    """One queue, one connection, one batch at a time."""

    def __init__(self, number: int) -> None:
        super().__init__(name=f"ledger-lane-{number}", daemon=True)
        self.queue: queue.SimpleQueue[Pending] = queue.SimpleQueue()
        self.connection: Raw | None = None

    def run(self) -> None:
        while True:
            for batch_ in self.next_batches():
                self.answer(batch_)

    def next_batches(self) -> list[list[Pending]]:
        """Whatever is queued now, up to a batch; waits for the first. Where a batch may hold one book only, one for each."""
        waiting = [self.queue.get()]
        while len(waiting) < LARGEST_BATCH:
            try:
                waiting.append(self.queue.get_nowait())
            except queue.Empty:
                break
        return _one_book_each(waiting) if settings.LEDGER_ONE_BOOK_PER_BATCH else [waiting]

    def answer(self, waiting: Sequence[Pending]) -> None:
        """Post the batch; if one operation breaks it, post each alone, so that only its own caller hears of the fault."""
        try:
            outcomes = self.post([each.asked for each in waiting])
        except LedgerUnavailable as fault:  # it would be the same for each alone, only later
            for each in waiting:
                each.fail(fault)
        except BaseException as fault:  # noqa: BLE001  # handed to the callers: this thread must outlive any of them
            if len(waiting) == 1:
                waiting[0].fail(fault)
                return
            for each in waiting:
                self.answer([each])
        else:
            for each, outcome in zip(waiting, outcomes, strict=True):
                each.answer(outcome)

    def post(self, operations: Sequence[Operation]) -> list[Outcome]:
        """One transaction. After a lost connection ask again: what was committed answers by its key, the rest happens now."""
        try:
            return self._attempt(operations)
        except psycopg.OperationalError:
            self._hang_up()
        try:
            return self._attempt(operations)
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


def _enqueue(lanes: Sequence[Lane], operations: Sequence[Operation]) -> list[Pending]:
    """All or none. Only callers add, one at a time, and lanes only take: what is found to fit does fit."""
    with _queueing:
        coming = Counter(asked.book % len(lanes) for asked in operations)
        if any(lanes[number].queue.qsize() + count > LONGEST_QUEUE for number, count in coming.items()):
            raise LedgerBusy("the ledger's queue is full")
        waiting = [Pending(asked) for asked in operations]
        for each in waiting:
            lanes[each.asked.book % len(lanes)].queue.put(each)
    return waiting


def _one_book_each(waiting: Sequence[Pending]) -> list[list[Pending]]:
    groups: dict[int, list[Pending]] = {}
    for each in waiting:
        groups.setdefault(each.asked.book, []).append(each)
    return list(groups.values())


_started: dict[tuple[int, str], list[Lane]] = {}
_starting = threading.Lock()
_queueing = threading.Lock()


def _lanes() -> list[Lane]:
    """This process's lanes for the database it now talks to, started at first use (and again after a fork)."""
    mine = (os.getpid(), str(connections["default"].settings_dict["NAME"]))
    lanes = _started.get(mine)
    if lanes is None:
        with _starting:
            lanes = _started.get(mine)
            if lanes is None:
                lanes = [Lane(number) for number in range(settings.LEDGER_LANES)]
                for lane in lanes:
                    lane.start()
                _started[mine] = lanes
    return lanes
