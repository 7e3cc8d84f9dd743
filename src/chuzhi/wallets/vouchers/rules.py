"""What is read from a typed code, and when trying is over; with nothing else in the room."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no letter that looks like a digit."""
SECRET_LENGTH, PIN_LENGTH = 16, 8
"""80 random bits, which need no number and no lock; and 26.6 bits behind a number and a lock."""
_ALIKE = str.maketrans("OIL", "011")

MOST_ON_A_CARD = 10
WINDOWS: Mapping[str, tuple[tuple[timedelta, int], ...]] = {
    "source": ((timedelta(minutes=10), 10), (timedelta(days=1), 50)),
    "device": ((timedelta(minutes=10), 10), (timedelta(days=1), 30)),
    "customer": ((timedelta(hours=1), 10), (timedelta(days=1), 30)),
    "store": ((timedelta(minutes=10), 30), (timedelta(days=1), 200)),
}
"""Wrong codes in a stretch of time after which nobody on this side is listened to until it is over."""
EVERYWHERE_WITHIN, EVERYWHERE_FROM = timedelta(hours=1), 300
"""All together: an alarm, never a stop, for that would lock everybody out."""


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody typed or scanned: a card number with its PIN, or (`number` empty) a long code."""

    number: str
    secret: str

    @property
    def said(self) -> str:
        """What is hashed."""
        return f"{self.number}:{self.secret}"


def read(number: str, secret: str) -> Code:
    """Spaces, hyphens, full width and letters that look like digits are read. A scan brings number and PIN in one."""
    secret = _plain(secret).replace("-", " ").strip()
    number = "".join(sign for sign in _plain(number) if sign.isascii() and sign.isdigit())[:20]
    before, _space, after = secret.partition(" ")
    if not number and before.isdigit() and len(before) > PIN_LENGTH and after.isdigit():
        number, secret = before[:20], after
    secret = "".join(secret.split()).upper()[:40]
    return Code(number, secret if number else secret.translate(_ALIKE))


def grouped(text: str) -> str:
    """In fours, as it is printed."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def is_over(wrong: Mapping[str, tuple[int, ...]]) -> str | None:
    """The side whose tries, this one included, are too many in one of its windows; None: go on."""
    for side, counts in wrong.items():
        if any(count > most for count, (_window, most) in zip(counts, WINDOWS[side], strict=True)):
            return side
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
