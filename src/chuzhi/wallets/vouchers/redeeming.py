"""A card's value moves into a wallet, once: by number and PIN, or by the long code.

First the card is taken for this wallet, and that is committed; then the value is transferred under a key of the card's own;
then the card is marked as used. Whoever finds a card between these steps goes on from there. Whatever is wrong with a card,
the statements asked of the database are the same, and so is the answer.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, moves, transfers
from chuzhi.wallets.errors import NotCleared, TransferOfAnotherKind
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.vouchers import guarding, recognizing, rules
from chuzhi.wallets.vouchers.activating import name_of
from chuzhi.wallets.vouchers.errors import VoucherNotCleared, VoucherUnusable
from chuzhi.wallets.vouchers.guarding import Side
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.vouchers.rules import Code

REDEEM = "vouchers.redeem"
UNDER_WAY = timedelta(seconds=30)
"""Younger ones are in the hands of the request that took them."""
Status = Voucher.Status


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The card's value has arrived. `replayed`: this key had redeemed it before."""

    voucher: Voucher
    value: int
    arrived: Moved
    replayed: bool = False


def redeem(
    *, wallet: Wallet, secret: str, key: str, by: Actor, number: str = "", source: str = "", device: str = "",
    store: int | None = None,
) -> Redeemed:  # fmt: skip
    """Credit the exact value of a card, once.

    `source` is the address of whoever types, `device` what they type on, `store` the counter, as far as they are known.

    One answer for every card that cannot be redeemed, whatever the reason. Asking twice with one key redeems once.
    """
    if by.kind is not ActorKind.CUSTOMER or by.id != wallet.customer_id:
        require(by, REDEEM)
    asked_for = accounts.mark(by, key)
    code = rules.read(number, secret)
    side = Side(source or by.label, device, wallet.customer_id, store)
    attempt = guarding.begin(code, side, by)
    try:
        voucher = _take(code, wallet, by, asked_for, is_locked=attempt.is_locked)
    except TransferOfAnotherKind:
        guarding.right(attempt)
        raise
    if voucher is None:
        guarding.wrong(attempt)
        raise VoucherUnusable
    guarding.right(attempt)
    return _carry(voucher, replayed=voucher.status == Status.USED)


def finish_unfinished() -> int:
    """For the clock: bring to an end what a crash left in the middle. Answers how many."""
    waiting = Voucher.objects.filter(status=Status.REDEEMING, redeemed_at__lt=timezone.now() - UNDER_WAY)
    finished = 0
    for voucher in waiting.select_related("batch", "wallet", "redeemed_into").order_by("redeemed_at")[:1000]:
        try:
            _carry(voucher)
        except Refused:
            continue  # the value is back on the card, and so is the card's state
        finished += 1
    return finished


@transaction.atomic(durable=True)
def _take(code: Code, wallet: Wallet, by: Actor, asked_for: bytes, *, is_locked: bool) -> Voucher | None:
    """The card, taken for this wallet and nobody else; or already taken by this very request. None: not to be had."""
    voucher = _matching(code)
    if voucher is None or is_locked:
        return None
    if voucher.status in {Status.REDEEMING, Status.USED}:
        is_ours = voucher.asked_for is not None and bytes(voucher.asked_for) == asked_for
        return voucher if is_ours and voucher.redeemed_into_id == wallet.pk else None
    if voucher.status != Status.ACTIVE:
        return None
    if moves.programme_of(wallet).asset_code != voucher.batch.programme.asset:
        raise TransferOfAnotherKind
    voucher.status, voucher.redeemed_into, voucher.redeemed_by = Status.REDEEMING, wallet, by.label
    voucher.redeemed_at, voucher.asked_for, voucher.tries = timezone.now(), asked_for, voucher.tries + 1
    voucher.save(update_fields=["status", "redeemed_into", "redeemed_by", "redeemed_at", "asked_for", "tries"])
    return voucher


def _matching(code: Code) -> Voucher | None:
    """Only the right code locks a row: whoever guesses can neither wait for the holder's request nor make it wait."""
    locked = Voucher.objects.select_for_update(of=("self",)).select_related("batch__programme", "wallet")
    return locked.filter(pk=recognizing.card_of(code)).first()


def _carry(voucher: Voucher, *, replayed: bool = False) -> Redeemed:
    """The transfer, under a key that follows from the card, so that it is done once whoever asks; then the card's end."""
    wallet, into = voucher.wallet, voucher.redeemed_into
    if wallet is None or into is None:
        raise VoucherUnusable
    value = voucher.batch.value
    try:
        sent = transfers.send(
            wallet=wallet, to=into, amount=value, reason=f"voucher {name_of(voucher)}",
            key=f"voucher:{voucher.pk}:{voucher.tries}", by=_mover(voucher),
        )  # fmt: skip
    except NotCleared as no:
        _give_up(voucher)
        raise VoucherNotCleared from no
    except Refused as no:
        _give_up(voucher)
        raise VoucherUnusable from no  # frozen by us, or spent otherwise: not for whoever types to know
    if sent.refusal is not None:
        _give_up(voucher)
        raise sent.refusal
    Voucher.objects.filter(pk=voucher.pk, status=Status.REDEEMING).update(status=Status.USED)
    voucher.status = Status.USED
    return Redeemed(voucher, value, sent.arrived, replayed)


def _give_up(voucher: Voucher) -> None:
    """The value is on the card as before, and so is the card."""
    Voucher.objects.filter(pk=voucher.pk, status=Status.REDEEMING, tries=voucher.tries).update(
        status=Status.ACTIVE, redeemed_into=None, redeemed_by="", redeemed_at=None, asked_for=None
    )


def _mover(voucher: Voucher) -> Actor:
    """Whoever redeemed, as the one who moves the value: holding the code is what allows it."""
    kind, _colon, number = voucher.redeemed_by.partition(":")
    return Actor(ActorKind(kind), int(number), permissions=frozenset({transfers.SEND}))
