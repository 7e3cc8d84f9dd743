"""Whoever asks at the same moment is served together: a thread takes all that waits when its last work ends.

No timer: one alone is served at once, a crowd shares the price of a transaction. The queue is memory only; nobody is answered
before the work is done.
"""

import os
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connections

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Thread = TypeVar("Thread", bound=threading.Thread)


class Pending(Generic[Asked, Answer]):
    """Something asked for, whose caller waits. A bare lock, not a Future: half the price, and every charge pays it."""

    __slots__ = ("_answer", "_fault", "_is_answered", "asked")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._answer: Answer | None = None
        self._fault: BaseException | None = None
        self._is_answered = threading.Lock()
        self._is_answered.acquire()

    def answer(self, answer: Answer) -> None:
        self._answer = answer
        self._is_answered.release()

    def fail(self, fault: BaseException) -> None:
        self._fault = fault
        self._is_answered.release()

    def result(self, patience: float) -> Answer:
        """The answer, or the fault raised. Raises TimeoutError after `patience` seconds without either."""
        if not self._is_answered.acquire(timeout=patience):
            raise TimeoutError
        self._is_answered.release()
        if self._answer is None:
            raise self._fault or TimeoutError
        return self._answer


class Gathering(threading.Thread, Generic[Asked, Answer]):
    """One queue, one piece of work at a time. `work` is what a child does; it answers all that it is given, in order, or raises.

    If it raises, each is worked for alone, so that only its own caller hears of a fault; a `shared` one is everybody's at once.
    """

    largest = 256
    shared: tuple[type[BaseException], ...] = ()

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.queue: queue.SimpleQueue[Pending[Asked, Answer]] = queue.SimpleQueue()

    def work(self, asked: Sequence[Asked]) -> Sequence[Answer]:
        raise NotImplementedError

    def run(self) -> None:
        while True:
            for batch in self.next_batches():
                self.answer(batch)

    def next_batches(self) -> list[list[Pending[Asked, Answer]]]:
        """Whatever is queued now, up to the largest batch; waits for the first."""
        waiting = [self.queue.get()]
        while len(waiting) < self.largest:
            try:
                waiting.append(self.queue.get_nowait())
            except queue.Empty:
                break
        return [waiting]

    def answer(self, waiting: Sequence[Pending[Asked, Answer]]) -> None:
        try:
            answers = self.work([each.asked for each in waiting])
        except self.shared as fault:  # it would be the same for each alone, only later
            for each in waiting:
                each.fail(fault)
        except BaseException as fault:  # noqa: BLE001  # handed to the callers: this thread must outlive any of them
            if len(waiting) == 1:
                waiting[0].fail(fault)
                return
            for each in waiting:
                self.answer([each])
        else:
            for each, answer in zip(waiting, answers, strict=True):
                each.answer(answer)


class Running(Generic[Thread]):
    """This process's threads of a kind for the database it now talks to, started at first use (and again after a fork)."""

    def __init__(self, make: Callable[[], list[Thread]]) -> None:
        self._make = make
        self._started: dict[tuple[int, str], list[Thread]] = {}
        self._starting = threading.Lock()

    def __call__(self) -> list[Thread]:
        mine = (os.getpid(), str(connections["default"].settings_dict["NAME"]))
        threads = self._started.get(mine)
        if threads is None:
            with self._starting:
                threads = self._started.get(mine)
                if threads is None:
                    threads = self._make()
                    for thread in threads:
                        thread.start()
                    self._started[mine] = threads
        return threads
