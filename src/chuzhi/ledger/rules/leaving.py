"""Value leaves a wallet: spent, promised, moved on, expired."""

from collections.abc import Collection

from chuzhi.ledger import errors
from chuzhi.ledger.chart import BONUS_COST, BREAKAGE, TRANSIT, Bucket
from chuzhi.ledger.operations import Adjust, Charge, TakeBack, TransferOut
from chuzhi.ledger.rules import drawing, standing
from chuzhi.ledger.rules.state import Clock, Decision, Leg, Lot, Wallet


def take(wallet: Wallet, asked: TransferOut | Adjust, clock: Clock, *, into: int, lots_of: Collection[int] = ()) -> list[Leg]:
    """Legs that take the whole amount from free lots in order (of these operations only, if any are named), or NotEnough."""
    lots = wallet.spendable(asked.asset, clock.now)
    if lots_of:
        lots = [lot for lot in lots if lot.made_by in lots_of]
    free = sum([lot.remaining - lot.held for lot in lots])
    if free < asked.amount:
        raise errors.NotEnough(available=free, asked=asked.amount)
    return [Leg(lot, into, -part) for lot, part in drawing.draw(lots, asked.amount, asked.order)]


def charge(wallet: Wallet, asked: Charge, clock: Clock) -> Decision:
    """Spend, up to the limits; `allow_partial` takes what is there (never nothing) and answers how much that was."""
    standing.refuse_unless_open(wallet)
    lots = wallet.spendable(asked.asset, clock.now)
    free = sum([lot.remaining - lot.held for lot in lots])
    amount = min(asked.amount, free) if asked.allow_partial else asked.amount
    if free < amount or not amount:
        raise errors.NotEnough(available=free, asked=asked.amount)
    if asked.most_at_once is not None and amount > asked.most_at_once:
        raise errors.OverTransactionLimit(limit=asked.most_at_once)
    if asked.most_a_day is not None:
        used = wallet.charged if wallet.day == clock.day else 0
        if used + amount > asked.most_a_day:
            raise errors.OverDayLimit(limit=asked.most_a_day, used=used)
    legs = [Leg(lot, asked.into, -part) for lot, part in drawing.draw(lots, amount, asked.order)]
    return Decision(legs, amount, charged=amount if asked.most_a_day is not None else 0)


def transfer_out(wallet: Wallet, asked: TransferOut, clock: Clock) -> Decision:
    """Send value to another wallet by way of transit."""
    standing.refuse_unless_open(wallet)
    if (asked.to_book, asked.to_wallet) == (wallet.book, wallet.id):
        raise errors.SameWallet
    return Decision(take(wallet, asked, clock, into=TRANSIT, lots_of=asked.lots_of), asked.amount)


def take_back(
    wallet: Wallet, asset: int, bucket: int, amount: int, account: int, clock: Clock, *, made_by: int | None = None
) -> tuple[list[Leg], list[Lot]]:
    """Something given is taken back; what is spent of it already becomes a debt."""
    lots = [lot for lot in wallet.spendable(asset, clock.now) if lot.bucket == bucket and made_by in {None, lot.made_by}]
    free = sum(lot.free for lot in lots)
    legs = [Leg(lot, account, -part) for lot, part in drawing.draw(lots, min(amount, free), "soonest_expiry")]
    if amount <= free:
        return legs, []
    debt = Lot(0, asset, Bucket.DEBT, amount - free, 0, 0, None, clock.now, None, "", 0)
    return [*legs, Leg(debt, account, amount - free)], [debt]


def taken_back(wallet: Wallet, asked: TakeBack, clock: Clock) -> Decision:
    legs, lots = take_back(wallet, asked.asset, Bucket.BONUS, asked.amount, asked.into, clock, made_by=asked.made_by)
    return Decision(legs, asked.amount, lots)


def expire(wallet: Wallet, asset: int, clock: Clock) -> Decision | None:
    """What time has taken of one asset: free value of expired lots.

    Paid value goes to breakage; a gift was never income, so its expiry undoes its cost.
    """
    legs = [
        Leg(lot, BREAKAGE if lot.bucket == Bucket.PRINCIPAL else BONUS_COST, -lot.free)
        for _id, lot in sorted(wallet.lots.items())
        if lot.asset == asset and lot.free and lot.has_expired(clock.now)
    ]
    return Decision(legs, -sum(leg.amount for leg in legs)) if legs else None
