"""Which program calls, and may it: `Authorization: Bearer cz_live_…`.

A verified key is remembered in this process for a moment, so that a till's thousands of charges do not each ask the
database who it is. The moment is how long a revoked key can go on working.
"""

from dataclasses import dataclass
from time import monotonic

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization import keys

REMEMBERED_SECONDS = 2.0


class ScopeMissing(Refused):
    code = "key.scope_missing"
    message = _("This key does not have the scope “%(scope)s”.")


class ApiRequest(HttpRequest):
    """A request of a program that has shown its key."""

    auth: Actor


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor
    until: float  # on the monotonic clock, in seconds


_remembered: dict[bytes, _Remembered] = {}


class KeyAuth(HttpBearer):
    """Lets in keys that have all of `scopes`. `request.auth` is then the key as an actor."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = frozenset(scopes)
        for scope in scopes:
            keys.SCOPES[scope]

    def __call__(self, request: HttpRequest) -> Actor | None:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return self.authenticate(request, token) if scheme.lower() == "bearer" else None

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = _actor(token)
        if actor is not None and not self.scopes <= actor.permissions:
            raise ScopeMissing(scope=min(self.scopes - actor.permissions))
        return actor


def forget_keys() -> None:
    """Ask the database again for each key: after a revocation in this process, and between tests."""
    _remembered.clear()


def _actor(secret: str) -> Actor | None:
    digest = keys.digest_of(secret)
    known, now = _remembered.get(digest), monotonic()
    if known is not None and now < known.until:
        return known.actor
    verified = keys.verify(secret)
    if verified is None:
        # Only good keys are remembered: guesses cannot fill the memory of this process.
        _remembered.pop(digest, None)
        return None
    lasts = REMEMBERED_SECONDS
    if verified.until is not None:
        lasts = min(lasts, (verified.until - timezone.now()).total_seconds())
    _remembered[digest] = _Remembered(verified.actor, now + lasts)
    return verified.actor
