"""Cards: numbers that find a wallet at the till."""

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading
from chuzhi.core.packs import rules as packs
from chuzhi.core.packs.errors import PackRefused
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, rules
from chuzhi.wallets.errors import CardUnusable
from chuzhi.wallets.models import Card, Wallet

ISSUE = "wallets.open"
RANDOM_DIGITS = 11


def of(wallet: Wallet) -> QuerySet[Card]:
    """A wallet's cards, newest first."""
    return Card.objects.filter(wallet=wallet).order_by("-issued_at", "-pk")


@transaction.atomic
def issue(*, wallet: Wallet, key: str, by: Actor) -> Card:
    """A new card for a wallet, named if its holder is known. A wallet may have several; asking twice with one key gives one."""
    require(by, ISSUE)
    return _issue(wallet, key, by, replaces=None)


@transaction.atomic
def report_lost(*, card: Card, by: Actor) -> Card:
    """The card finds nothing from now on; the wallet and its other cards go on.

    Refused where law knows no loss of a bearer card.
    """
    require(by, ISSUE)
    card = Card.objects.select_for_update().get(pk=card.pk)
    if no := loss_objection(card):
        raise no
    return _become(card, Card.Status.LOST, "card.lost", by) if card.status == Card.Status.ACTIVE else card


def loss_objection(card: Card) -> PackRefused | None:
    """A card is good in every store, so the pack of any open one decides whether its kind can be reported lost."""
    today, known = timezone.localdate(), reading.packs()
    chosen = Store.objects.filter(is_open=True).order_by("pack").values_list("pack", flat=True).distinct()
    broken = (packs.to_loss_report(known[pack], holder=card.kind, on=today) for pack in chosen if pack in known)
    return next((PackRefused(rule) for rule in broken if rule), None)


@transaction.atomic
def found_again(*, card: Card, by: Actor) -> Card:
    """A lost card that turned up, unless it was replaced meanwhile."""
    require(by, ISSUE)
    card = Card.objects.select_for_update().get(pk=card.pk)
    if card.status == Card.Status.DEAD:
        raise CardUnusable
    return _become(card, Card.Status.ACTIVE, "card.found", by) if card.status == Card.Status.LOST else card


@transaction.atomic
def end(*, card: Card, by: Actor) -> Card:
    """For good."""
    require(by, ISSUE)
    card = Card.objects.select_for_update().get(pk=card.pk)
    return card if card.status == Card.Status.DEAD else _become(card, Card.Status.DEAD, "card.ended", by)


@transaction.atomic
def replace(*, card: Card, key: str, by: Actor) -> Card:
    """A new number for the same wallet; the old one ends for good. Asking twice with one key replaces once."""
    require(by, ISSUE)
    old = Card.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=card.pk)
    if old.status == Card.Status.DEAD:
        known = Card.objects.filter(replaces=old, asked_for=accounts.mark(by, key)).first()
        if known is None:
            raise CardUnusable
        return known
    _become(old, Card.Status.DEAD, "card.ended", by)
    return _issue(old.wallet, key, by, replaces=old)


def _become(card: Card, status: Card.Status, action: str, by: Actor) -> Card:
    card.status = status
    card.save(update_fields=["status"])
    audit.record(action, f"card:{card.pk}", by=by, wallet=card.wallet_id)
    return card


def _issue(wallet: Wallet, key: str, by: Actor, *, replaces: Card | None) -> Card:
    asked_for = accounts.mark(by, key)
    while True:
        if known := Card.objects.filter(asked_for=asked_for).first():
            return known
        card = Card(
            book=wallet.book, wallet=wallet, number=_number(), asked_for=asked_for, replaces=replaces,
            kind=Card.Kind.NAMED if wallet.customer_id else Card.Kind.BEARER,
        )  # fmt: skip
        try:
            with transaction.atomic():
                card.save(force_insert=True)
        except IntegrityError:
            continue  # the number or the key is taken: one in 10^11, or somebody asked at the same moment
        audit.record("card.issued", f"card:{card.pk}", by=by, wallet=wallet.pk)
        return card


def _number() -> str:
    """Our prefix, random digits so that nobody can guess a neighbour's, and the check digit."""
    digits = f"{settings.CARD_PREFIX}{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}d}"
    return digits + rules.check_digit(digits)
