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
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswerYet
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from chuzhi.ledger import batch
from chuzhi.ledger.errors import LedgerBusy, LedgerUnavailable
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome

LARGEST_BATCH = 256
LONGEST_QUEUE = 4096
ANSWER_WITHIN_SECONDS = 30
Waiting = tuple[Operation, "Future[Outcome]"]


def submit(operations: Sequence[Operation]) -> list[Outcome]:
    """Queue, wait, answer. All operations of one call may share a batch; each stands or falls alone.

    Raises LedgerBusy when there is no room for all of them: then none is begun.
    """
    waiting = _enqueue(_lanes(), operations)
    try:
        return [future.result(ANSWER_WITHIN_SECONDS) for future in waiting]
    except NoAnswerYet as late:
        raise LedgerUnavailable("no answer in time") from late


class Lane(threading.Thread):
    """One queue, one connection, one batch at a time."""

    def __init__(self, number: int) -> None:
        super().__init__(name=f"ledger-lane-{number}", daemon=True)
        self.queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self.connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def run(self) -> None:
        while True:
            for batch_ in self.next_batches():
                self.answer(batch_)

    def next_batches(self) -> list[list[Waiting]]:
        """Whatever is queued now, up to a batch; waits for the first. Where a batch may hold one book only, one for each."""
        waiting = [self.queue.get()]
        while len(waiting) < LARGEST_BATCH:
            try:
                waiting.append(self.queue.get_nowait())
            except queue.Empty:
                break
        return _one_book_each(waiting) if settings.LEDGER_ONE_BOOK_PER_BATCH else [waiting]

    def answer(self, waiting: Sequence[Waiting]) -> None:
        """Post the batch; if one operation breaks it, post each alone, so that only its own caller hears of the fault."""
        try:
            outcomes = self.post([asked for asked, _future in waiting])
        except LedgerUnavailable as fault:  # it would be the same for each alone, only later
            for _asked, future in waiting:
                future.set_exception(fault)
        except BaseException as fault:  # noqa: BLE001  # handed to the callers: this thread must outlive any of them
            if len(waiting) == 1:
                waiting[0][1].set_exception(fault)
                return
            for each in waiting:
                self.answer([each])
        else:
            for (_asked, future), outcome in zip(waiting, outcomes, strict=True):
                future.set_result(outcome)

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
        with self.connection.pipeline(), self.connection.transaction():
            return batch.run(self.connection, operations)

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def connect(alias: str = "default") -> "psycopg.Connection[tuple[Any, ...]]":
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


def _enqueue(lanes: Sequence[Lane], operations: Sequence[Operation]) -> "list[Future[Outcome]]":
    """All or none. Only callers add, one at a time, and lanes only take: what is found to fit does fit."""
    with _queueing:
        coming = Counter(asked.book % len(lanes) for asked in operations)
        if any(lanes[number].queue.qsize() + count > LONGEST_QUEUE for number, count in coming.items()):
            raise LedgerBusy("the ledger's queue is full")
        waiting: list[Waiting] = [(asked, Future()) for asked in operations]
        for each in waiting:
            lanes[each[0].book % len(lanes)].queue.put(each)
    return [future for _asked, future in waiting]


def _one_book_each(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    groups: dict[int, list[Waiting]] = {}
    for each in waiting:
        groups.setdefault(each[0].book, []).append(each)
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
