"""Codes of six digits that are sent to somebody, who types or reads them back. They are kept as a seal, never as they are."""

import secrets
import unicodedata
from datetime import timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

DIGITS = 6
LIFETIME = timedelta(minutes=10)


def fresh() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def typed(text: str) -> str:
    """As it was meant: full-width letters and digits read, spaces gone."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_one(text: str) -> bool:
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def seal(purpose: str, of: int, code: str) -> bytes:
    """What is kept of a code that was sent for a purpose to the `of`th of its kind."""
    return salted_hmac(purpose, f"{of}:{code}", algorithm="sha256").digest()


def opens(sealed: bytes | memoryview, purpose: str, of: int, given: str) -> bool:
    return constant_time_compare(bytes(sealed), seal(purpose, of, typed(given)))
