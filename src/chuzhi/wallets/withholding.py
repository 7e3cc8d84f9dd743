"""What a top-up brought is kept for a cause, until it is let go: money that has not cleared,
money that somebody looks into, a gift that waits to be taken."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.operations import Hold, Release, scoped
from chuzhi.ledger.queries import Kept
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.errors import OperationUnknown
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved


class Cause(StrEnum):
    UNCLEARED = "uncleared"
    CASE = "case"
    GIFT = "gift"


AS_LONG_AS_IT_TAKES = timedelta(days=36_500)
PERMISSIONS = {Cause.UNCLEARED: "payments.clear", Cause.CASE: "wallets.freeze", Cause.GIFT: "wallets.transfer"}
"""Who may keep and let go."""


@transaction.atomic
def keep(*, wallet: Wallet, top_up: int, cause: Cause, until: datetime, reference: str, key: str, by: Actor) -> Moved | None:
    """Hold all that is free of what a top-up (its seq) brought, until a moment. None: nothing of it is left."""
    require(by, PERMISSIONS[cause])
    posting.lock(wallet.book)
    programme = moves.programme_of(wallet)
    if known := journal.by_key(wallet.book, scoped(by.label, wallet.pk, key)):
        return Moved(wallet, known.outcome)
    now = timezone.now()
    free = sum(
        lot.remaining - lot.held
        for lot in journal.lots(wallet.book, wallet.pk)
        if (lot.made_by, lot.asset) == (top_up, programme.asset) and lot.bucket != Bucket.DEBT and not lot.has_expired(now)
    )
    if not free:
        return None
    asked = Hold(
        **moves.common(wallet, programme, key=key, by=by), amount=free, expires_at=until, reference=reference,
        top_ups=(top_up,), cause=cause,
    )  # fmt: skip
    return moves.make(wallet, asked)


def let_go(*, wallet: Wallet, hold: int, key: str, by: Actor) -> Moved:
    """What a hold (its number) kept can be spent again."""
    cause = journal.kept_for(wallet.book, hold)
    if not cause:
        raise OperationUnknown
    require(by, PERMISSIONS[Cause(cause)])
    return moves.make(wallet, Release(**moves.common(wallet, moves.programme_of(wallet), key=key, by=by), hold=hold))


def kept(wallet: Wallet) -> list[Kept]:
    """What is kept of a wallet's money, the oldest first."""
    return journal.kept(wallet.book, wallet.pk)
