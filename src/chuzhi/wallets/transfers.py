"""Value moves to another wallet, with its expiry and funding: out into transit, then in. One path, also within one book.

The second half's key follows from the first, so whoever finishes a transfer, and however often, it arrives once.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import posting, queries
from chuzhi.ledger.chart import TRANSIT, Bucket
from chuzhi.ledger.operations import Grant, TransferIn, TransferOut
from chuzhi.ledger.outcomes import Outcome
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.errors import TransferOfAnotherKind, TransferToItself
from chuzhi.wallets.models import Transfer, Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.records import TransferRow

SEND = "wallets.transfer"
UNDER_WAY = timedelta(seconds=30)
"""Younger ones are in the hands of the request that started them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer that has come to its end. With a `refusal` the other wallet would not take it: `arrived` is its return."""

    left: Moved
    arrived: Moved
    refusal: Refused | None = None


def send(*, wallet: Wallet, to: Wallet, amount: int, reason: str, key: str, by: Actor) -> Sent:
    """Move `amount` minor units to another wallet of the same asset.

    If that one will not take them they come back at once, and `refusal` says why.
    """
    require(by, SEND)
    return move(wallet=wallet, to=to, amount=amount, reason=reason, key=key, by=by, most_held=_ceiling(to))


def move(
    *, wallet: Wallet, to: Wallet, amount: int, reason: str, key: str, by: Actor, lots_of: tuple[int, ...] = (),
    most_held: int | None = None,
) -> Sent:  # fmt: skip
    """The same as part of another act, which has asked for its own permission. With `lots_of` (seqs) only lots that those made."""
    programme, other = moves.programme_of(wallet), moves.programme_of(to)
    asked = TransferOut(
        **moves.common(wallet, programme, key=key, by=by),
        amount=money.check(amount),
        to_book=to.book,
        to_wallet=to.pk,
        order=programme.terms().order,
        reason=moves.reason(reason),
        lots_of=lots_of,
        documents=(TransferRow(wallet.pk, to.book, to.pk),),
    )
    objection: Refused | None = None
    if wallet.pk == to.pk:
        objection = TransferToItself()
    elif programme.asset != other.asset:
        objection = TransferOfAnotherKind()
    left = moves.make(wallet, asked, objection=objection)
    return _finish(left, to, by.label, most_held=most_held)


def finish_unfinished() -> int:
    """For the clock: bring in what a crash left in transit. Answers how many."""
    waiting = Transfer.objects.filter(arrived_seq=None, started_at__lt=timezone.now() - UNDER_WAY).order_by("started_at")
    finished = 0
    for transfer in waiting[:1000]:
        entry = queries.operation(transfer.book, transfer.seq)
        wallets = Wallet.objects.in_bulk([transfer.wallet, transfer.to_wallet])
        if entry is not None:
            to = wallets[transfer.to_wallet]
            _finish(Moved(wallets[transfer.wallet], entry.outcome), to, entry.actor, most_held=_ceiling(to))
            finished += 1
    return finished


def _ceiling(wallet: Wallet) -> int | None:
    return moves.programme_of(wallet).terms().most_held


def _finish(left: Moved, to: Wallet, by: str, *, most_held: int | None) -> Sent:
    """The second half, or the return. Both are keyed by the first half, so asking again finds what was done."""
    grants = _travelling(left)
    arriving = posting.post([_second_half(left, to, grants, by, most_held=most_held)])[0]
    if arriving.refusal is None:
        return Sent(left, _arrived(left, to, arriving))
    returning = posting.post_one(_second_half(left, left.wallet, grants, by, is_return=True))
    return Sent(left, _arrived(left, left.wallet, returning, is_returned=True), arriving.refusal)


def _second_half(
    left: Moved, to: Wallet, grants: tuple[Grant, ...], by: str, *, is_return: bool = False, most_held: int | None = None
) -> TransferIn:
    programme = moves.programme_of(to)
    return TransferIn(
        book=to.book,
        wallet=to.pk,
        key=f"{'return' if is_return else 'transfer'}:{left.id}",
        by=by,
        asset=programme.asset,
        amount=left.amount,
        from_book=left.book,
        from_wallet=left.wallet.pk,
        from_seq=left.seq,
        grants=grants,
        is_return=is_return,
        most_held=most_held,
    )


def _travelling(left: Moved) -> tuple[Grant, ...]:
    """The lots that left, each with what is known of it."""
    legs = left.outcome.legs
    lots = queries.lots_numbered(left.book, left.wallet.pk, [leg.lot for leg in legs])
    return tuple(
        Grant(
            asset=leg.asset,
            bucket=Bucket(leg.bucket),
            amount=-leg.amount,
            source=TRANSIT,
            expires_at=lots[leg.lot].expires_at,
            granted_at=lots[leg.lot].granted_at,
            terms=lots[leg.lot].terms,
            funding=lots[leg.lot].funding,
        )
        for leg in legs
    )


def _arrived(left: Moved, to: Wallet, outcome: Outcome, *, is_returned: bool = False) -> Moved:
    Transfer.objects.filter(book=left.book, seq=left.seq, arrived_seq=None).update(
        arrived_seq=outcome.seq, is_returned=is_returned
    )
    return Moved(to, outcome)
