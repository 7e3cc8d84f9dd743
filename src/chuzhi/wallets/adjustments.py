"""Corrections by hand: with a cause, with evidence, and above a limit with a second person."""

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import ADJUSTMENT, Bucket
from chuzhi.ledger.operations import Adjust, Grant
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.errors import SecondPersonNeeded
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

ADJUST = "wallets.adjust"
ALONE_UP_TO = 1000_00
"""Minor units. A correction above this needs a second person who may make corrections."""


def give(
    *, wallet: Wallet, amount: int, reason: str, evidence: str, key: str, by: Actor, approved_by: Actor | None = None
) -> Moved:
    """Add `amount` minor units as a bonus: a correction is never booked as paid principal."""
    programme = moves.programme_of(wallet)
    grant = Grant(asset=programme.asset, bucket=Bucket.BONUS, amount=money.check(amount), source=ADJUSTMENT)
    return _adjust(wallet, amount, (grant,), reason, evidence, key, by, approved_by)


def take(
    *, wallet: Wallet, amount: int, reason: str, evidence: str, key: str, by: Actor, approved_by: Actor | None = None
) -> Moved:
    """Take `amount` minor units away, bonus first. Refuses more than is available."""
    return _adjust(wallet, money.check(amount), (), reason, evidence, key, by, approved_by)


def _adjust(
    wallet: Wallet,
    amount: int,
    grants: tuple[Grant, ...],
    reason: str,
    evidence: str,
    key: str,
    by: Actor,
    approved_by: Actor | None,
) -> Moved:
    require(by, ADJUST)
    programme = moves.programme_of(wallet)
    asked = Adjust(
        **moves.common(wallet, programme, key=key, by=by), amount=amount, grants=grants, reason=moves.reason(reason),
        evidence=moves.reason(evidence), approved_by=approved_by.label if approved_by else "",
    )  # fmt: skip
    return moves.make(wallet, asked, objection=_objection(amount, by, approved_by))


def _objection(amount: int, by: Actor, approved_by: Actor | None) -> Refused | None:
    if amount <= ALONE_UP_TO:
        return None
    is_second = approved_by is not None and approved_by.label != by.label and approved_by.may(ADJUST)
    return None if is_second else SecondPersonNeeded(limit=ALONE_UP_TO)
