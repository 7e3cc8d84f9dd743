"""What hardly ever changes and is asked for at every charge, kept in the process for a few seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

K = TypeVar("K")
V = TypeVar("V")
SECONDS = 5.0


_unchanged_here: ContextVar[bool] = ContextVar("unchanged_here", default=False)


@contextmanager
def unchanged_here() -> Iterator[None]:
    """For a transaction that opens no programme and no store and changes none: what others have remembered is good in it too."""
    before = _unchanged_here.set(True)
    try:
        yield
    finally:
        _unchanged_here.reset(before)


_forgetting: list[Callable[[], None]] = []


def forget_everything() -> None:
    """For whoever puts the database back to an earlier state, as tests do."""
    for forget in _forgetting:
        forget()


class Remembered(Generic[K, V]):
    """A look-up that is repeated at most every few seconds for one key.

    Inside a transaction it always looks: what is seen there may be rolled back, and must not be seen by others. Unless the
    transaction says that it changes nothing of the kind (`unchanged_here`).
    """

    def __init__(self, look_up: Callable[[K], V], *, seconds: float = SECONDS) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._kept: dict[tuple[str, K], tuple[float, V]] = {}
        _forgetting.append(self.forget)

    def __call__(self, key: K) -> V:
        here = connections[DEFAULT_DB_ALIAS]
        if here.in_atomic_block and not _unchanged_here.get():
            return self._look_up(key)
        place = (str(here.settings_dict["NAME"]), key)
        kept = self._kept.get(place)
        now = time.monotonic()
        if kept is None or kept[0] < now:
            kept = (now + self._seconds, self._look_up(key))
            self._kept[place] = kept
        return kept[1]

    def forget(self) -> None:
        self._kept.clear()
