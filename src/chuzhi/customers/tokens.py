"""Blind tokens: finding a fragment of an encrypted phone number or e-mail address without storing either.

Each run of four characters becomes a keyed token. Tokens are few on purpose: about ten runs of digits share one, so that a
stolen table says little about any number; what is found is decrypted and compared before it is shown. See
docs/decisions/0010-blind-index.md.
"""

from dataclasses import dataclass
from functools import lru_cache

from chuzhi.core import vault
from chuzhi.customers import contacts

RUN = 4
BUCKETS = {"phone": 1 << 10, "phone_tail": 1 << 10, "email": 1 << 14}
"""How many tokens there are of each kind. Letters make far more runs than digits do."""
_STARTS = {"phone": 0, "phone_tail": 1 << 10, "email": 1 << 14}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tokens a row must have: every one of `all`, or at least one of `any`."""

    all: tuple[int, ...] = ()
    any: tuple[int, ...] = ()


def of(*, phone: str | None, email: str | None, keys: vault.Keys) -> list[int]:
    """The tokens stored with a customer, by the current index key."""
    secret = keys.index[keys.index.current]
    tokens: set[int] = set()
    if phone:
        digits = contacts.national(phone)
        tokens |= {_token(secret, "phone", run) for run in _runs(digits)}
        tokens.add(_token(secret, "phone_tail", digits[-RUN:]))
    if email:
        tokens |= {_token(secret, "email", run) for run in _runs(_local(email))}
    return sorted(tokens)


def phone_tail(digits: str, *, keys: vault.Keys) -> list[Wanted]:
    """Numbers that end in these digits (three or more). One answer for each index key in use."""
    if len(digits) < RUN:
        return [Wanted(any=_tokens(secret, "phone_tail", [f"{d}{digits}" for d in range(10)])) for secret in _secrets(keys)]
    return [
        Wanted(all=_tokens(secret, "phone_tail", [digits[-RUN:]]) + _tokens(secret, "phone", _runs(digits)))
        for secret in _secrets(keys)
    ]


def phone_part(digits: str, *, keys: vault.Keys) -> list[Wanted]:
    """Numbers that hold these digits somewhere. Three digits are looked for as the start of every run of four."""
    if len(digits) < RUN:
        return [Wanted(any=_tokens(secret, "phone", [f"{digits}{d}" for d in range(10)])) for secret in _secrets(keys)]
    return [Wanted(all=_tokens(secret, "phone", _runs(digits))) for secret in _secrets(keys)]


def email_part(fragment: str, *, keys: vault.Keys) -> list[Wanted]:
    """Addresses that hold this fragment; four characters of it must stand before the @."""
    local = _local(fragment)
    if len(local) < RUN:
        return []
    return [Wanted(all=_tokens(secret, "email", _runs(local))) for secret in _secrets(keys)]


def _local(email: str) -> str:
    return email.partition("@")[0]


def _runs(text: str) -> list[str]:
    return [text[start : start + RUN] for start in range(max(1, len(text) - RUN + 1))]


def _secrets(keys: vault.Keys) -> list[bytes]:
    return list(keys.index.keys.values())


def _tokens(secret: bytes, kind: str, runs: list[str]) -> tuple[int, ...]:
    return tuple(sorted({_token(secret, kind, run) for run in runs}))


@lru_cache(maxsize=100_000)
def _token(secret: bytes, kind: str, run: str) -> int:
    mark = vault.mark(secret, run, kind=f"token.{kind}")
    return _STARTS[kind] + int.from_bytes(mark[:4]) % BUCKETS[kind]
