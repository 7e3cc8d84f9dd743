"""How a call is signed, and when it is sent again, with nothing else in the room. The form is that of Standard Webhooks."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta

PREFIX = "whsec_"
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1
GONE = 410


def signature(secrets: Iterable[str], *, number: str, timestamp: int, body: bytes) -> str:
    """One `v1,` mark for each secret that is good now, with a space between."""
    said = f"{number}.{timestamp}.".encode() + body
    marks = (hmac.digest(_key(secret), said, hashlib.sha256) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks)


def is_taken(status: int) -> bool:
    return 200 <= status < 300


def wait_after(attempts: int, *, chance: float) -> timedelta | None:
    """How long to wait after so many failed attempts, longer by up to a tenth (`chance` from 0 to 1); None: enough is enough."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * (1 + JITTER * chance)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
