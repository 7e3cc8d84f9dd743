"""A card is lost, found again or replaced: who said so, by which way, how they were known, and what became of it.

The number alone is blocked, everywhere at once. What is in the wallet stays where it is, with its lots and its history.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.wallets import cards, moves, spending
from chuzhi.wallets.errors import CallerNotVerified, CardUnusable, FeeNeedsCounter
from chuzhi.wallets.models import Card, CardReport, Wallet

Kind, Verified = CardReport.Kind, CardReport.Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What whoever calls or comes has said. `caller` is their name, where they are not the holder."""

    channel: CardReport.Channel
    verified: CardReport.Verified
    reason: str
    caller: str = ""


def of(wallet: Wallet) -> QuerySet[CardReport]:
    """All reports on a wallet's cards, the newest first."""
    return CardReport.objects.filter(card__wallet=wallet).select_related("card", "owner").order_by("-pk")


def named(number: str) -> Card | None:
    """A card by its number, whatever has become of it: for whoever is to do something about it."""
    return Card.objects.filter(number="".join(number.split())[:40]).select_related("wallet").first()


@transaction.atomic
def report(*, card: Card, said: Said, by: Actor) -> Card:
    """Blocked from now on, even if nobody could say who called: better blocked than emptied. Again changes nothing.

    Refused where law knows no loss of a bearer card (`PackRefused`), and for a card that has ended.
    """
    held = _locked(card)
    if held.status == Card.Status.DEAD:
        raise CardUnusable
    changed = cards.report_lost(card=held, by=by)
    return _told(changed, Kind.LOST, said, by) if held.status == Card.Status.ACTIVE else changed


@transaction.atomic
def found(*, card: Card, said: Said, by: Actor) -> Card:
    """It turned up: only whoever is known to be the holder may say so."""
    held = _locked(card)
    _verify(said)
    changed = cards.found_again(card=held, by=by)
    return _told(changed, Kind.FOUND, said, by) if held.status == Card.Status.LOST else changed


@transaction.atomic
def replace(
    *, card: Card, said: Said, key: str, by: Actor, fee: int = 0, store: int | None = None, till: int | None = None
) -> Card:
    """A new number for the same wallet; the old one ends. A `fee` (minor units) is charged to the wallet, in a store.

    All or nothing: where the balance does not reach for the fee, the old card stays as it was. Asking twice with one key
    replaces and charges once.
    """
    held = _locked(card)
    _verify(said)
    made = cards.replace(card=held, key=key, by=by)
    if held.status != Card.Status.DEAD:
        _told(held, Kind.REPLACED, said, by, fee=fee)
    if fee:
        if store is None:
            raise FeeNeedsCounter
        spending.charge(
            wallet=held.wallet,
            amount=fee,
            store=store,
            till=till,
            reference=f"card {made.number[-4:]}",
            key=f"fee:{key}",
            by=by,
        )
    return made


def _locked(card: Card) -> Card:
    return Card.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=card.pk)


def _verify(said: Said) -> None:
    if said.verified == Verified.NO:
        raise CallerNotVerified


def _told(card: Card, kind: CardReport.Kind, said: Said, by: Actor, *, fee: int = 0) -> Card:
    CardReport.objects.create(
        card=card, kind=kind, channel=said.channel, verified=said.verified, reason=moves.reason(said.reason), fee=fee,
        caller=said.caller.strip()[:80], owner_id=card.wallet.customer_id, made_by=by.label,
    )  # fmt: skip
    return card
