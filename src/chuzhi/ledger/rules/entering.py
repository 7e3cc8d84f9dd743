"""Value enters a wallet: bought, given, brought or corrected."""

from collections.abc import Iterable

from chuzhi.ledger import errors
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.operations import Adjust, Grant, TopUp, TransferIn
from chuzhi.ledger.rules import standing
from chuzhi.ledger.rules.leaving import take
from chuzhi.ledger.rules.state import Clock, Decision, Leg, Lot, Wallet


def top_up(wallet: Wallet, asked: TopUp, clock: Clock) -> Decision:
    """Make the lots that were bought; what is owed is repaid first."""
    standing.refuse_unless_open(wallet)
    _refuse_over_limits(wallet, asked, clock)
    legs, lots = make(wallet, asked.grants, clock)
    _refuse_over_balance(wallet, asked)
    return Decision(legs, asked.amount, lots, topped_up=asked.amount if asked.most_a_day is not None else 0)


def transfer_in(wallet: Wallet, asked: TransferIn, clock: Clock) -> Decision:
    """Lots arrive with the expiry and funding they left with; a returned transfer always arrives."""
    if not asked.is_return:
        standing.refuse_unless_open(wallet)
        _refuse_over_balance(wallet, asked)
    legs, lots = make(wallet, asked.grants, clock)
    return Decision(legs, asked.amount, lots, ref_seq=None)


def adjust(wallet: Wallet, asked: Adjust, clock: Clock) -> Decision:
    """Give a lot or take value away, frozen or not: a correction is how a frozen wallet is put right."""
    standing.refuse_if_closed(wallet)
    if asked.grants:
        legs, lots = make(wallet, asked.grants, clock)
        return Decision(legs, asked.amount, lots, ref_seq=asked.reverses)
    return Decision(take(wallet, asked, clock, into=asked.into), asked.amount, ref_seq=asked.reverses)


def make(wallet: Wallet, grants: Iterable[Grant], clock: Clock) -> tuple[list[Leg], list[Lot]]:
    """Legs and new lots for the grants, each first repaying debts if it is meant to. Lots get their ids when recorded."""
    legs: list[Leg] = []
    lots: list[Lot] = []
    owed = {debt.id: debt.remaining for grant in grants for debt in wallet.debts(grant.asset)}
    for grant in grants:
        left = grant.amount
        for debt in wallet.debts(grant.asset) if grant.repays_debt else ():
            part = min(owed[debt.id], left)
            if part:
                owed[debt.id] -= part
                left -= part
                legs.append(Leg(debt, grant.source, -part))
        if left:
            lot = _lot(grant, left, clock)
            lots.append(lot)
            legs.append(Leg(lot, grant.source, left))
    return legs, lots


def _lot(grant: Grant, amount: int, clock: Clock) -> Lot:
    return Lot(
        0, grant.asset, int(grant.bucket), amount, 0, 0, grant.expires_at, grant.granted_at or clock.now,
        grant.terms, grant.funding, 0,
    )  # fmt: skip


def _refuse_over_limits(wallet: Wallet, asked: TopUp, clock: Clock) -> None:
    if asked.most_at_once is not None and asked.amount > asked.most_at_once:
        raise errors.OverTransactionLimit(limit=asked.most_at_once)
    used = wallet.topped_up if wallet.day == clock.day else 0
    if asked.most_a_day is not None and used + asked.amount > asked.most_a_day:
        raise errors.OverDayLimit(limit=asked.most_a_day, used=used)


def _refuse_over_balance(wallet: Wallet, asked: TopUp | TransferIn) -> None:
    """The ceiling is one of the asset that is asked for: points that come with money are not counted against it."""
    if asked.most_held is None:
        return
    coming = sum(grant.amount for grant in asked.grants if grant.asset == asked.asset and grant.bucket != Bucket.DEBT)
    if wallet.balance(asked.asset) + coming > asked.most_held:
        raise errors.OverBalanceLimit(limit=asked.most_held)
