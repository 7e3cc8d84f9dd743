"""Paid value that is asked back: promised while it is looked at, let go, or paid out as somebody worked out by law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.ledger import chart, posting
from chuzhi.ledger.chart import Method, System
from chuzhi.ledger.operations import Hold, Operation, Release, TopUpRefund
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

ASK = "refunds.ask"
DECIDE = "refunds.decide"
PAY = "refunds.pay"
AS_LONG_AS_IT_TAKES = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Share:
    """What is paid of one top-up (its seq), and what is gone besides, in the units of the wallet."""

    top_up: int
    amount: int
    forfeits: int


def promise(*, wallet: Wallet, top_ups: Sequence[int], amount: int, reference: str, key: str, by: Actor) -> Moved:
    """Hold `amount` units of the lots of these top-ups, until the request is paid, refused or withdrawn.

    The answer's `seq` is the hold's number. Nobody can capture or release it at a till.
    """
    require(by, ASK)
    programme = moves.programme_of(wallet)
    asked = Hold(
        **moves.common(wallet, programme, key=key, by=by),
        amount=money.check(amount),
        expires_at=timezone.now() + AS_LONG_AS_IT_TAKES,
        reference=moves.text(reference),
        top_ups=tuple(sorted(top_ups)),
    )
    return moves.make(wallet, asked)


def let_go(*, wallet: Wallet, hold: int, key: str, by: Actor) -> Moved:
    """The promise ends: the value can be spent again. For whoever asks (a withdrawal) or decides (a refusal)."""
    require(by, DECIDE if by.may(DECIDE) else ASK)
    asked = Release(**moves.common(wallet, moves.programme_of(wallet), key=key, by=by), hold=hold)
    return moves.make(wallet, asked)


def pay_out(
    *, wallet: Wallet, hold: int, shares: Sequence[Share], method: Method, reason: str, key: str, by: Actor
) -> list[Moved]:
    """End the promise and give back each share, in one batch: nobody spends in between.

    Only inside a transaction of the caller's, which a refusal undoes. The first of the answers is the release.
    """
    require(by, PAY)
    programme = moves.programme_of(wallet)
    asked: list[Operation] = [Release(**moves.common(wallet, programme, key=f"{key}:release", by=by), hold=hold)]
    asked += [
        TopUpRefund(
            **moves.common(wallet, programme, key=f"{key}:{share.top_up}", by=by),
            amount=money.check(share.amount),
            top_up=share.top_up,
            into=chart.account(System.CLEARING, method),
            reason=moves.reason(reason),
            forfeits=share.forfeits,
        )
        for share in shares
    ]
    outcomes = posting.post(asked)
    for outcome in outcomes:
        outcome.raise_if_refused()
    return [Moved(wallet, outcome) for outcome in outcomes]
