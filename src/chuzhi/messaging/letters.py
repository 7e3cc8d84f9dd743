"""What a channel is given, and the ways it can fail. Channels know nothing else of us."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, worded, for one person by one channel. `number` is the same however often this copy is tried."""

    number: str
    address: str
    title: str
    body: str


class NotNow(Exception):
    """It may work later. `args[0]` is a short code that names nobody."""


class Undeliverable(Exception):
    """It will never work as it is. `args[0]` is a short code that names nobody."""


class NoServer(Exception):
    """This installation has not been told how to use the channel."""
