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
    "kiosks:write": Scope(_("Set up and revoke the self-service screens of a store"), frozenset({"kiosks.set_up"})),
    "stores:write": Scope(_("Choose the rules of a store"), frozenset({"stores.rules"})),
    "customers:read": Scope(_("Find and read customers"), frozenset({"customers.view"})),
    "customers:merge": Scope(
        _("Make two records of one person one, and two again"), frozenset({"customers.view", "customers.merge"})
    ),
    "customers:write": Scope(_("Add and edit customers"), frozenset({"customers.edit"})),
    "customers:bulk": Scope(
        _("Act on many customers at once, and undo it"), frozenset({"customers.view", "customers.edit", "lists.bulk"})
    ),
    "views:write": Scope(_("Keep views of the customers' list"), frozenset({"customers.view"})),
    "consent-texts:write": Scope(_("Write the texts that customers agree to"), frozenset({"customers.view", "consent.manage"})),
    "cadence:write": Scope(_("Say how often customers are followed up"), frozenset({"customers.view", "cadence.manage"})),
    "fields:write": Scope(_("Make and change fields of customers"), frozenset({"customers.view", "fields.manage"})),
    "tickets:read": Scope(_("Read tickets of the service desk"), frozenset({"desk.view"})),
    "tickets:write": Scope(_("Open tickets and work on them"), frozenset({"desk.view", "desk.work", "customers.view"})),
    "tickets:credit": Scope(
        _("Give a bonus from a ticket, as far as the limits say"),
        frozenset({"desk.view", "desk.work", "wallets.gift", "approvals.ask"}),
    ),
    "wallets:read": Scope(_("Read wallets, lots and entries"), frozenset({"wallets.view"})),
    "journal:read": Scope(_("Read the entries of all wallets"), frozenset({"ledger.view"})),
    "wallets:write": Scope(_("Open wallets"), frozenset({"wallets.open"})),
    "wallets:reactivate": Scope(_("Activate expired bearer cards again"), frozenset({"wallets.reactivate"})),
    "wallets:freeze": Scope(_("Freeze and unfreeze wallets"), frozenset({"wallets.freeze"})),
    "wallets:bulk": Scope(
        _("Freeze and unfreeze many wallets at once"), frozenset({"wallets.view", "wallets.freeze", "lists.bulk"})
    ),
    "refund-requests:read": Scope(_("Read balance refunds and work them out"), frozenset({"wallets.view"})),
    "refund-requests:write": Scope(_("Ask for a balance refund for a customer"), frozenset({"refunds.ask"})),
    "refund-requests:decide": Scope(_("Decide on balance refunds"), frozenset({"refunds.decide"})),
    "refund-requests:pay": Scope(_("Pay balance refunds out"), frozenset({"refunds.pay"})),
    "limits:read": Scope(_("Read limits and applications for higher ones"), frozenset({"wallets.view"})),
    "limits:write": Scope(_("Set limits of top-ups"), frozenset({"limits.manage"})),
    "raises:write": Scope(_("Ask for a higher limit for a customer"), frozenset({"limits.apply"})),
    "raises:review": Scope(_("Decide on higher limits"), frozenset({"limits.review"})),
    "programmes:write": Scope(_("Open, change and close programmes"), frozenset({"programmes.manage"})),
    "catalogue:read": Scope(_("Read products and prices"), frozenset({"catalogue.view"})),
    "catalogue:write": Scope(_("Add products and change prices"), frozenset({"catalogue.view", "catalogue.manage"})),
    "offers:read": Scope(_("Read top-up offers and what they yield"), frozenset({"offers.view"})),
    "offers:write": Scope(_("Make, change and stop top-up offers"), frozenset({"offers.view", "offers.manage"})),
    "topups:write": Scope(_("Sell stored value"), frozenset({"till.top_up"})),
    "assisted:read": Scope(_("Read top-ups that agents were asked for"), frozenset({"wallets.view"})),
    "assisted:write": Scope(
        _("Help customers top up by phone, e-mail and chat"), frozenset({"wallets.view", "topups.assist", "till.top_up"})
    ),
    "payments:read": Scope(_("Read orders and payments"), frozenset({"payments.view"})),
    "payments:clear": Scope(_("Say that money has cleared"), frozenset({"payments.view", "payments.clear"})),
    "incidents:write": Scope(_("Close incidents of payments"), frozenset({"payments.view", "payments.refund"})),
    "charges:write": Scope(_("Charge wallets"), frozenset({"till.charge"})),
    "baskets:write": Scope(
        _("Fill, hold and pay baskets, with discounts as far as the limits say"),
        frozenset({"till.charge", "till.discount", "till.top_up"}),
    ),
    "refunds:write": Scope(_("Give money back"), frozenset({"till.refund"})),
    "holds:write": Scope(_("Hold value and capture it"), frozenset({"till.hold"})),
    "disputes:write": Scope(_("Book disputed payments and how they end"), frozenset({"wallets.dispute"})),
    "approvals:read": Scope(_("Read requests for approval"), frozenset({"approvals.view"})),
    "approvals:write": Scope(_("Ask for approval"), frozenset({"approvals.view", "approvals.ask"})),
    "approvals:decide": Scope(
        _("Approve and refuse, as far as the limits say"), frozenset({"approvals.view", "approvals.decide"})
    ),
    "gifts:write": Scope(_("Give a bonus, as far as the limits say"), frozenset({"wallets.gift", "approvals.ask"})),
    "messages:read": Scope(_("See what was sent to whom"), frozenset({"messages.view"})),
    "notices:write": Scope(_("Choose who is told of top-ups"), frozenset({"messages.manage"})),
    "webhooks:write": Scope(_("Say which programs are told, and see what they answered"), frozenset({"webhooks.manage"})),
    "messages:write": Scope(_("Send a message again"), frozenset({"messages.view", "messages.resend"})),
    "vouchers:read": Scope(_("Read recharge cards and where they are"), frozenset({"vouchers.view"})),
    "vouchers:write": Scope(
        _("Order, print, send out and void recharge cards"), frozenset({"vouchers.view", "vouchers.manage"})
    ),
    "vouchers:count": Scope(_("Count the recharge cards in stock"), frozenset({"vouchers.count"})),
    "vouchers:sell": Scope(_("Sell recharge cards"), frozenset({"vouchers.sell"})),
    "vouchers:redeem": Scope(_("Redeem recharge cards into wallets"), frozenset({"vouchers.redeem"})),
    "applications:decide": Scope(
        _("Approve and reject applications for cards"), frozenset({"applications.decide", "wallets.open", "customers.edit"})
    ),
    "applications:write": Scope(_("Take in applications for cards"), frozenset({"applications.file"})),
    "documents:write": Scope(_("Hand in documents"), frozenset()),
    "partner:topup": Scope(_("Top up for a partner, out of its float"), frozenset({"partners.top_up"})),
    "partners:read": Scope(_("Read partners and their statements"), frozenset({"partners.view"})),
    "partners:write": Scope(
        _("Suspend partners, book their payments, issue statements"), frozenset({"partners.manage", "partners.settle"})
    ),
    "imports:write": Scope(_("Import customers with their balances, and reverse imports"), frozenset({"imports.run"})),
    "statements:read": Scope(_("Read bank statements and their cases"), frozenset({"bank.view"})),
    "statements:write": Scope(_("Take in bank statements and decide their cases"), frozenset({"bank.view", "bank.settle"})),
    "board:read": Scope(
        _("See the day at a glance"),
        frozenset({"board.view", "wallets.view", "payments.view", "bank.view", "approvals.view"}),
    ),
    "audit:read": Scope(_("Read the audit log"), frozenset({"audit.view"})),
    "reconciliation:read": Scope(_("Read reconciliations and their cases"), frozenset({"reconciliation.view"})),
    "reconciliation:write": Scope(
        _("Close cases of reconciliations"), frozenset({"reconciliation.view", "reconciliation.close"})
    ),
    "risk:read": Scope(_("Read cases of suspicion and their rules"), frozenset({"risk.view"})),
    "risk:work": Scope(
        _("Work on cases of suspicion"), frozenset({"risk.view", "risk.work", "wallets.freeze", "approvals.ask"})
    ),
    "privacy:write": Scope(_("Say how long personal data is kept"), frozenset({"privacy.manage", "audit.view"})),
    "risk:rules": Scope(_("Say from where on something is suspicious"), frozenset({"risk.view", "risk.rules"})),
    "shifts:read": Scope(_("Read shifts of cash drawers"), frozenset({"drawer.view", "drawer.review"})),
    "shifts:write": Scope(_("Open, count and close cash drawers"), frozenset({"drawer.use", "drawer.view"})),
    "transfers:write": Scope(_("Move value between wallets"), frozenset({"wallets.transfer"})),
    "members:write": Scope(
        _("Let others spend from a wallet, within an allowance"), frozenset({"wallets.view", "wallets.share"})
    ),
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
    return make(name=name, scopes=scopes, by=by, store=store, expires_at=expires_at)


@transaction.atomic
def make(
    *, name: str, scopes: Iterable[str], by: Actor, store: Store | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """The same as a part of what somebody else does. Does not ask who `by` is: the caller has."""
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
    return end(key=key, by=by)


@transaction.atomic
def end(*, key: ApiKey, by: Actor) -> ApiKey:
    """The same as a part of what somebody else does. Does not ask who `by` is: the caller has."""
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


def actor_of(key: ApiKey) -> Actor:
    """The program as one who asks. Revoked or expired it may do nothing."""
    has_ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= timezone.now())
    return Actor(ActorKind.KEY, key.pk, key.name) if has_ended else _actor(key)


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
