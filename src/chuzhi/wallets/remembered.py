"""What hardly ever changes and is asked for at every charge, kept in the process for a few seconds."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

K = TypeVar("K")
V = TypeVar("V")
SECONDS = 5.0


class Remembered(Generic[K, V]):
    """A look-up that is repeated at most every few seconds for one key.

    Inside a transaction it always looks: what is seen there may be rolled back, and must not be seen by others.
    """

    def __init__(self, look_up: Callable[[K], V]) -> None:
        self._look_up = look_up
        self._kept: dict[tuple[str, K], tuple[float, V]] = {}

    def __call__(self, key: K) -> V:
        here = connections[DEFAULT_DB_ALIAS]
        if here.in_atomic_block:
            return self._look_up(key)
        place = (str(here.settings_dict["NAME"]), key)
        kept = self._kept.get(place)
        now = time.monotonic()
        if kept is None or kept[0] < now:
            kept = (now + SECONDS, self._look_up(key))
            self._kept[place] = kept
        return kept[1]

    def forget(self) -> None:
        self._kept.clear()
