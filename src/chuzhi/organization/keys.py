"""API keys: which program may do what, where, with secrets that are shown once and can be changed without a pause.

A secret holds 256 random bits, so a fast hash is right: there is nothing to guess, and a charge is not slowed by it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization.authority import require
from chuzhi.organization.errors import KeyRevoked, NoScope, UnknownScope
from chuzhi.organization.models import ApiKey, ApiKeySecret, Store

PREFIX = "cz_live_"
USE_IS_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scope:
    label: Promise
    permissions: frozenset[str]


SCOPES: dict[str, Scope] = {
    "stores:read": Scope(_("Read stores and tills"), frozenset()),
    "customers:read": Scope(_("Find and read customers"), frozenset({"customers.view"})),
    "customers:write": Scope(_("Add and edit customers"), frozenset({"customers.edit"})),
    "wallets:read": Scope(_("Read wallets, lots and entries"), frozenset({"wallets.view"})),
    "wallets:write": Scope(_("Open wallets"), frozenset({"wallets.open"})),
    "wallets:freeze": Scope(_("Freeze and unfreeze wallets"), frozenset({"wallets.freeze"})),
    "programmes:write": Scope(_("Open, change and close programmes"), frozenset({"programmes.manage"})),
    "topups:write": Scope(_("Sell stored value"), frozenset({"till.top_up"})),
    "charges:write": Scope(_("Charge wallets"), frozenset({"till.charge"})),
    "refunds:write": Scope(_("Give money back"), frozenset({"till.refund"})),
    "holds:write": Scope(_("Hold value and capture it"), frozenset({"till.hold"})),
    "disputes:write": Scope(_("Book disputed payments and how they end"), frozenset({"wallets.dispute"})),
    "transfers:write": Scope(_("Move value between wallets"), frozenset({"wallets.transfer"})),
}


@dataclass(frozen=True, slots=True)
class Verified:
    """A secret that was found good, and the moment after which it no longer is (None: no end known)."""

    actor: Actor
    until: datetime | None


def visible_to(actor: Actor) -> QuerySet[ApiKey]:
    keys = ApiKey.objects.order_by("-created_at", "-pk").select_related("store").prefetch_related("secrets")
    return keys if actor.stores is None else keys.filter(store__in=actor.stores)


@transaction.atomic(durable=True)
def create(
    *, name: str, scopes: Iterable[str], by: Actor, store: Store | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A key and its secret. The secret is not kept: this is the only time that anybody sees it."""
    require(by, "keys.manage")
    wanted = sorted(set(scopes))
    if not wanted:
        raise NoScope
    for scope in wanted:
        if scope not in SCOPES:
            raise UnknownScope(scope=scope)
    key = ApiKey.objects.create(
        name=name, scopes=wanted, store=store, expires_at=expires_at, created_by=by.label, created_at=timezone.now()
    )
    audit.record("key.created", _subject(key), by=by, scopes=wanted, store=store.pk if store else None)
    return key, _add_secret(key)


@transaction.atomic(durable=True)
def rotate(*, key: ApiKey, by: Actor, overlap: timedelta = timedelta(hours=24)) -> str:
    """A second secret. Older ones keep working for `overlap`, so that programs can be changed one after the other."""
    require(by, "keys.manage")
    key = _unrevoked(key)
    now = timezone.now()
    ending = now + overlap
    # LEAST skips NULL in PostgreSQL: a secret without an end gets this one, a sooner end stays.
    key.secrets.update(expires_at=Least(F("expires_at"), ending))
    audit.record("key.rotated", _subject(key), by=by, old_secrets_end_at=ending.isoformat())
    return _add_secret(key)


@transaction.atomic(durable=True)
def revoke(*, key: ApiKey, by: Actor) -> ApiKey:
    """End a key with all its secrets, for good. Servers notice within seconds."""
    require(by, "keys.manage")
    key = _unrevoked(key)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    audit.record("key.revoked", _subject(key), by=by)
    return key


def verify(secret: str) -> Verified | None:
    """Who comes with this secret, or None. One query; notes the use at most once an hour."""
    if not secret.startswith(PREFIX):
        return None
    now, digest = timezone.now(), digest_of(secret)
    found = ApiKeySecret.objects.select_related("key").filter(hash=digest).first()
    if found is None or not secrets.compare_digest(bytes(found.hash), digest):
        return None
    key = found.key
    ends = [end for end in (found.expires_at, key.expires_at) if end]
    if key.revoked_at or any(end <= now for end in ends):
        return None
    _note_use(key, now)
    return Verified(_actor(key), min(ends, default=None))


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _actor(key: ApiKey) -> Actor:
    permissions = frozenset(key.scopes).union(*(SCOPES[scope].permissions for scope in key.scopes if scope in SCOPES))
    stores = None if key.store_id is None else frozenset({key.store_id})
    return Actor(ActorKind.KEY, key.pk, key.name, permissions, stores)


def _note_use(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is None or key.last_used_at < now - USE_IS_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _add_secret(key: ApiKey) -> str:
    secret = PREFIX + secrets.token_urlsafe(32)
    ApiKeySecret.objects.create(key=key, hash=digest_of(secret), ending=secret[-4:], created_at=timezone.now())
    return secret


def _unrevoked(key: ApiKey) -> ApiKey:
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at:
        raise KeyRevoked
    return key


def _subject(key: ApiKey) -> str:
    return f"key:{key.pk}"
