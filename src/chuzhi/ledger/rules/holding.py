"""Value is promised, then taken or let go."""

from chuzhi.ledger import errors
from chuzhi.ledger.operations import Capture, Release
from chuzhi.ledger.operations import Hold as HoldAsked
from chuzhi.ledger.rules import drawing, standing
from chuzhi.ledger.rules.state import Clock, Decision, Hold, Leg, Wallet


def place(wallet: Wallet, asked: HoldAsked, clock: Clock) -> Decision:
    """Promise these very lots, so that no expiry between promise and taking can break it."""
    standing.refuse_unless_open(wallet)
    if asked.expires_at <= clock.now:
        raise errors.HoldExpiryPassed
    if asked.most_at_once is not None and asked.amount > asked.most_at_once:
        raise errors.OverTransactionLimit(limit=asked.most_at_once)
    lots = wallet.spendable(asked.asset, clock.now)
    if asked.top_ups:
        lots = [lot for lot in lots if lot.made_by in asked.top_ups]
    free = sum(lot.free for lot in lots)
    if free < asked.amount:
        raise errors.NotEnough(available=free, asked=asked.amount)
    legs = [Leg(lot, 0, 0, part) for lot, part in drawing.draw(lots, asked.amount, asked.order)]
    return Decision(legs, asked.amount, hold=Hold(0, asked.asset, asked.amount, 0, 0, asked.expires_at, []))


def capture(wallet: Wallet, asked: Capture, clock: Clock) -> Decision:
    """Take part of a promise in the order it was made. A frozen wallet keeps its promises; a disputed lot is not one."""
    hold = _open_hold(wallet, asked.hold, clock)
    if asked.amount > hold.left:
        raise errors.CaptureTooLarge(left=hold.left)
    legs = _part(wallet, hold, asked.amount, into=asked.into)
    if asked.final:
        legs += _part(wallet, hold, hold.left - asked.amount, into=0, skip=asked.amount)
    return Decision(legs, asked.amount, hold=hold, ref_seq=hold.id, asset=hold.asset)


def release(wallet: Wallet, asked: Release, clock: Clock) -> Decision:
    """Let go of what is left of a promise."""
    hold = _open_hold(wallet, asked.hold, clock)
    return Decision(_part(wallet, hold, hold.left, into=0), hold.left, hold=hold, ref_seq=hold.id, asset=hold.asset)


def lapse(wallet: Wallet, hold: Hold) -> Decision:
    """A promise whose time has come."""
    return Decision(_part(wallet, hold, hold.left, into=0), hold.left, hold=hold, ref_seq=hold.id)


def _open_hold(wallet: Wallet, number: int, clock: Clock) -> Hold:
    hold = wallet.holds.get(number)
    if hold is None or not hold.is_open or hold.expires_at is None or hold.has_expired(clock.now):
        raise errors.HoldEnded
    return hold


def _part(wallet: Wallet, hold: Hold, amount: int, *, into: int, skip: int = 0) -> list[Leg]:
    """The next `amount` of a promise after the first `skip`, lot by lot; with `into` it is taken, else let go."""
    legs: list[Leg] = []
    for number, left in hold.parts:
        passed = min(left, skip)
        skip -= passed
        part = min(left - passed, amount)
        if part:
            legs.append(Leg(wallet.lots[number], into, -part if into else 0, -part))
            amount -= part
    return legs
