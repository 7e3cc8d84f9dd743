"""Kiosks of a store: set up by its manager, opened once on the terminal, revoked at any time."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.kiosk import rules
from chuzhi.kiosk.errors import KioskNameTaken, KioskRevoked, KioskUnusable
from chuzhi.kiosk.models import Kiosk, Visit
from chuzhi.organization import twins
from chuzhi.organization.authority import require
from chuzhi.organization.errors import LinkUnusable, StoreUnknown
from chuzhi.organization.models import Store
from chuzhi.wallets.cards import ISSUE
from chuzhi.wallets.funding import TOP_UP

SET_UP = "kiosks.set_up"
SEEN_EVERY = timedelta(minutes=1)
ALLOWS = {Kiosk.Service.TOP_UP: TOP_UP, Kiosk.Service.LOSS: ISSUE}
"""What a service needs; a kiosk that does not offer it may not do it either."""


def visible_to(actor: Actor) -> QuerySet[Kiosk]:
    found = Kiosk.objects.select_related("store").order_by("store__code", "name")
    if not actor.may(SET_UP):
        return found.none()
    return found if actor.stores is None else found.filter(store__in=actor.stores)


def actor_of(kiosk: Kiosk) -> Actor:
    """Whoever stands before it: may bring money, and block a card, as far as the kiosk offers it; all in its own store."""
    allowed = frozenset(permission for service, permission in ALLOWS.items() if kiosk.offers(service))
    return Actor(ActorKind.KIOSK, kiosk.pk, kiosk.name, allowed, frozenset({kiosk.store_id}))


@transaction.atomic(durable=True)
def add(*, store: Store, name: str, services: Iterable[str], idle_seconds: int, by: Actor) -> Kiosk:
    require(by, SET_UP)
    if not by.works_in(store.pk):
        raise StoreUnknown
    said = _checked(name, services, idle_seconds)
    with twins.refused(KioskNameTaken(name=said["name"])):
        kiosk = Kiosk.objects.create(store=store, made_by=by.label, **said)
    audit.record("kiosk.added", _subject(kiosk), by=by, store=store.pk, **said)
    return kiosk


@transaction.atomic(durable=True)
def change(*, kiosk: Kiosk, name: str, services: Iterable[str], idle_seconds: int, by: Actor) -> Kiosk:
    kiosk = _mine(kiosk, by)
    said = _checked(name, services, idle_seconds)
    changed = {field: value for field, value in said.items() if getattr(kiosk, field) != value}
    for field, value in changed.items():
        setattr(kiosk, field, value)
    if changed:
        with twins.refused(KioskNameTaken(name=said["name"])):
            kiosk.save(update_fields=list(changed))
        audit.record("kiosk.changed", _subject(kiosk), by=by, **changed)
    return kiosk


@transaction.atomic(durable=True)
def link(*, kiosk: Kiosk, by: Actor) -> str:
    """A code that turns one browser into this kiosk, for an hour. The code given before opens nothing any more."""
    kiosk = _mine(kiosk, by)
    code = "".join(secrets.choice(rules.ALPHABET) for _letter in range(rules.LINK_LETTERS))
    kiosk.link_hash, kiosk.link_ends_at = _hash(code), timezone.now() + rules.LINK_LIFETIME
    kiosk.save(update_fields=["link_hash", "link_ends_at"])
    audit.record("kiosk.link_made", _subject(kiosk), by=by)
    return code


def find(code: str) -> Kiosk:
    """The kiosk of a code that still opens; looking does not use it up."""
    return _openable(Kiosk.objects.select_related("store").filter(link_hash=_hash(rules.link_code(code))).first())


@transaction.atomic(durable=True)
def open_with(*, code: str) -> tuple[Kiosk, str]:
    """The browser that comes with the code is the kiosk from now on; the one before it is not. The credential is told once."""
    found = Kiosk.objects.select_for_update(of=("self",)).select_related("store")
    kiosk = _openable(found.filter(link_hash=_hash(rules.link_code(code))).first())
    credential, now = secrets.token_urlsafe(32), timezone.now()
    was_open = kiosk.credential_hash is not None
    kiosk.link_hash = kiosk.link_ends_at = None
    kiosk.credential_hash, kiosk.opened_at, kiosk.last_seen_at = _hash(credential), now, now
    kiosk.save(update_fields=["link_hash", "link_ends_at", "credential_hash", "opened_at", "last_seen_at"])
    _clear(kiosk)
    audit.record("kiosk.opened", _subject(kiosk), by=actor_of(kiosk), store=kiosk.store_id, instead_of_another=was_open)
    return kiosk, credential


@transaction.atomic(durable=True)
def revoke(*, kiosk: Kiosk, by: Actor) -> Kiosk:
    """For good: its screen says so at the next touch."""
    kiosk = _mine(kiosk, by)
    kiosk.revoked_at = timezone.now()
    kiosk.link_hash = kiosk.link_ends_at = None
    kiosk.save(update_fields=["revoked_at", "link_hash", "link_ends_at"])
    _clear(kiosk)
    audit.record("kiosk.revoked", _subject(kiosk), by=by)
    return kiosk


def known(credential: str) -> Kiosk | None:
    """The kiosk that a browser is, revoked or not. When it was last seen is noted once a minute."""
    if not credential:
        return None
    kiosk, now = Kiosk.objects.select_related("store").filter(credential_hash=_hash(credential)).first(), timezone.now()
    if kiosk is not None and kiosk.revoked_at is None and (kiosk.last_seen_at or now) <= now - SEEN_EVERY:
        Kiosk.objects.filter(pk=kiosk.pk).update(last_seen_at=now)
    return kiosk


def _mine(kiosk: Kiosk, by: Actor) -> Kiosk:
    require(by, SET_UP)
    kiosk = Kiosk.objects.select_for_update(of=("self",)).select_related("store").get(pk=kiosk.pk)
    if not by.works_in(kiosk.store_id):
        raise StoreUnknown
    if kiosk.revoked_at:
        raise KioskRevoked
    return kiosk


def _openable(kiosk: Kiosk | None) -> Kiosk:
    if kiosk is None or kiosk.revoked_at or kiosk.link_ends_at is None or kiosk.link_ends_at <= timezone.now():
        raise LinkUnusable
    return kiosk


def _checked(name: str, services: Iterable[str], idle_seconds: int) -> dict[str, object]:
    name, wanted = " ".join(name.split()), set(services)
    is_right = 0 < len(name) <= 40 and wanted and wanted <= set(Kiosk.Service.values)
    if not (is_right and rules.LEAST_IDLE_SECONDS <= idle_seconds <= rules.MOST_IDLE_SECONDS):
        raise KioskUnusable(least=rules.LEAST_IDLE_SECONDS, most=rules.MOST_IDLE_SECONDS)
    return {
        "name": name, "services": [service for service in Kiosk.Service.values if service in wanted],
        "idle_seconds": idle_seconds,
    }  # fmt: skip


def _clear(kiosk: Kiosk) -> None:
    Visit.objects.filter(kiosk=kiosk, ended_at=None).update(ended_at=timezone.now())


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _subject(kiosk: Kiosk) -> str:
    return f"kiosk:{kiosk.pk}"
