"""Value goes back: a charge to its lots, a top-up to its payer, a disputed payment to the payer's bank."""

from datetime import timedelta

from chuzhi.ledger import errors
from chuzhi.ledger.chart import BONUS_COST, Bucket, Kind, System, system_of
from chuzhi.ledger.operations import Dispute, DisputeEnd, Order, Refund, TopUpRefund
from chuzhi.ledger.rules import drawing, standing
from chuzhi.ledger.rules.leaving import take_back
from chuzhi.ledger.rules.state import Clock, Decision, Hold, Leg, Lot, Posted, Wallet


def refund(wallet: Wallet, asked: Refund, clock: Clock, charge: Posted | None) -> Decision:
    """A charge or capture back to its lots; never more than was taken, leg by leg."""
    standing.refuse_if_closed(wallet)
    charge = _of(charge, wallet, Kind.CHARGE, Kind.CAPTURE)
    left = [_refundable(wallet, charge, place) for place in range(len(charge.legs))]
    if asked.amount > sum(left):
        raise errors.RefundTooLarge(left=sum(left))
    parts = in_proportion(asked.amount, left) if asked.proportional else last_first(asked.amount, left)
    legs, lots = _back(wallet, asked, clock, charge, parts)
    for asset, bucket, amount in asked.takes_back:
        more_legs, more_lots = take_back(wallet, asset, bucket, amount, BONUS_COST, clock)
        legs, lots = legs + more_legs, lots + more_lots
    given_back = [back + part for back, part in zip(charge.given_back, parts, strict=True)]
    return Decision(legs, asked.amount, lots, answers=charge, given_back=given_back, ref_seq=charge.seq, asset=charge.asset)


def _refundable(wallet: Wallet, charge: Posted, place: int) -> int:
    """What one leg can still take back; legs of what the charge earned are not the customer's payment."""
    number, _into, amount = charge.legs[place]
    lot = wallet.lots[number]
    if amount >= 0 or lot.asset != charge.asset or lot.is_debt:
        return 0
    return -amount - charge.given_back[place]


def last_first(amount: int, left: list[int]) -> list[int]:
    """Parts per leg: the leg consumed last is refilled first."""
    parts = [0] * len(left)
    for place in range(len(left) - 1, -1, -1):
        parts[place] = min(left[place], amount)
        amount -= parts[place]
    return parts


def in_proportion(amount: int, left: list[int]) -> list[int]:
    """Parts per leg in proportion to what each can still take; largest remainders get the odd units, earlier legs first.

    Shares are of what is *left*, so a series of refunds is monotone in each leg and the last one closes to exactly zero.
    """
    total = sum(left)
    parts = [amount * each // total for each in left]
    by_remainder = sorted(range(len(left)), key=lambda place: (-(amount * left[place] % total), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _back(wallet: Wallet, asked: Refund, clock: Clock, charge: Posted, parts: list[int]) -> tuple[list[Leg], list[Lot]]:
    """Debts are repaid first by paid value; an expired lot comes back as a new one with days of grace."""
    legs: list[Leg] = []
    fresh: list[Lot] = []
    owed = {debt.id: debt.remaining for debt in wallet.debts(charge.asset)}
    for (number, account, _amount), given in zip(charge.legs, parts, strict=True):
        lot, part = wallet.lots[number], given
        for debt in owed if lot.bucket == Bucket.PRINCIPAL else ():
            repaid = min(owed[debt], part)
            if repaid:
                owed[debt] -= repaid
                part -= repaid
                legs.append(Leg(wallet.lots[debt], account, -repaid))
        if part and lot.has_expired(clock.now) and asked.grace_days:
            until = clock.now + timedelta(days=asked.grace_days)
            lot = Lot(0, lot.asset, lot.bucket, part, 0, 0, until, lot.granted_at, lot.terms, lot.funding, 0)
            fresh.append(lot)
        if part:
            legs.append(Leg(lot, account, part))
    return legs, fresh


def top_up_refund(wallet: Wallet, asked: TopUpRefund, clock: Clock, top_up: Posted | None) -> Decision:
    """Unspent principal to the payer. The bonus goes with it in proportion; what was spent of the bonus is kept back."""
    standing.refuse_unless_open(wallet)
    top_up = _of(top_up, wallet, Kind.TOP_UP)
    paid, given = _made_by(wallet, top_up, Bucket.PRINCIPAL), _made_by(wallet, top_up, Bucket.BONUS)
    if asked.forfeits is not None:
        return _refund_by_law(asked, clock, top_up, paid + given, asked.forfeits)
    spent = top_up.went(given, Kind.CHARGE, Kind.CAPTURE, Kind.REFUND)
    kept_back = max(0, spent - top_up.went(paid, Kind.TOP_UP_REFUND, account=BONUS_COST))
    paid, given = ([lot for lot in lots if lot.free and not lot.has_expired(clock.now)] for lots in (paid, given))
    most = sum(lot.free for lot in paid) - kept_back
    if most <= 0:
        raise errors.NothingToRefund
    amount = asked.amount or most
    if amount > most:
        raise errors.RefundTooLarge(left=most)
    bonus = sum(lot.free for lot in given) * amount // most
    keep = kept_back * amount // most
    legs = _split(drawing.draw(paid, amount + keep, "soonest_expiry"), amount, asked.into, BONUS_COST)
    legs += [Leg(lot, BONUS_COST, -part) for lot, part in drawing.draw(given, bonus, "soonest_expiry")]
    return Decision(legs, amount, ref_seq=top_up.seq, asset=top_up.asset)


def _refund_by_law(asked: TopUpRefund, clock: Clock, top_up: Posted, lots: list[Lot], forfeits: int) -> Decision:
    """The payer gets what was worked out, from paid lots first; the rest that was asked for undoes the cost of the bonus.

    Never more than they paid, however much bonus is left.
    """
    usable = [lot for lot in lots if lot.free and not lot.has_expired(clock.now)]
    most = sum(lot.free for lot in usable)
    paid_back = top_up.went(lots, Kind.TOP_UP_REFUND) - top_up.went(lots, Kind.TOP_UP_REFUND, account=BONUS_COST)
    room = top_up.amount - paid_back
    if not asked.amount or not most or room <= 0:
        raise errors.NothingToRefund
    if asked.amount > min(room, most - forfeits):
        raise errors.RefundTooLarge(left=max(0, min(room, most - forfeits)))
    drawn = drawing.draw(usable, asked.amount + forfeits, Order.PRINCIPAL_FIRST)
    return Decision(_split(drawn, asked.amount, asked.into, BONUS_COST), asked.amount, ref_seq=top_up.seq, asset=top_up.asset)


def _split(drawn: drawing.Draw, amount: int, first: int, then: int) -> list[Leg]:
    """The first `amount` of a draw into one account, the rest into another."""
    legs: list[Leg] = []
    for lot, part in drawn:
        here = min(part, amount)
        amount -= here
        legs += [Leg(lot, into, -units) for into, units in ((first, here), (then, part - here)) if units]
    return legs


def dispute(wallet: Wallet, asked: Dispute, clock: Clock, top_up: Posted | None) -> Decision:
    """Freeze what is left of the top-up's lots; what is not there any more, and was not given back, is owed."""
    top_up = _of(top_up, wallet, Kind.TOP_UP)
    if top_up.is_answered:
        raise errors.AlreadyDisputed
    paid, given = _made_by(wallet, top_up, Bucket.PRINCIPAL), _made_by(wallet, top_up, Bucket.BONUS)
    frozen = [Leg(lot, 0, 0, lot.free) for lot in paid + given if lot.free]
    gone = sum(lot.amount - lot.free for lot in paid) - top_up.went(paid, Kind.TOP_UP_REFUND) + _repaid(top_up)
    legs, lots = list(frozen), []
    if gone:
        lots.append(Lot(0, top_up.asset, Bucket.DEBT, gone, 0, 0, None, clock.now, None, "", 0))
        legs.append(Leg(lots[0], asked.clearing, gone))
    promised = sum(leg.held for leg in frozen)
    hold = Hold(0, top_up.asset, promised, 0, 0, None, []) if promised else None
    back = [0] * len(top_up.legs)
    return Decision(
        legs, promised + gone, lots, hold=hold, answers=top_up, given_back=back, ref_seq=top_up.seq, asset=top_up.asset
    )


def _repaid(top_up: Posted) -> int:
    """What the payer's money did not bring into lots, because it repaid debts at once."""
    return -sum(units for _lot, account, units in top_up.legs if units < 0 and system_of(account) is System.CLEARING)


def dispute_end(wallet: Wallet, asked: DisputeEnd, clock: Clock, opened: Posted | None) -> Decision:
    """Won: thaw, forgive the debt and return what was repaid of it. Lost: the frozen lots are taken, the debt stays."""
    opened = _of(opened, wallet, Kind.DISPUTE)
    if opened.is_answered:
        raise errors.DisputeEnded
    hold = wallet.holds.get(opened.seq)
    legs: list[Leg] = []
    for number, left in hold.parts if hold else ():
        lot = wallet.lots[number]
        into = BONUS_COST if lot.bucket == Bucket.BONUS else asked.clearing
        legs.append(Leg(lot, 0, 0, -left) if asked.won else Leg(lot, into, -left, -left))
    lots: list[Lot] = []
    for debt in _made_by(wallet, opened, Bucket.DEBT) if asked.won else ():
        repaid = debt.amount - debt.remaining
        if debt.remaining:
            legs.append(Leg(debt, asked.clearing, -debt.remaining))
        if repaid:
            lots.append(Lot(0, debt.asset, Bucket.PRINCIPAL, repaid, 0, 0, None, clock.now, None, "", 0))
            legs.append(Leg(lots[-1], asked.clearing, repaid))
    amount = sum(abs(leg.amount) or abs(leg.held) for leg in legs)
    back = [0] * len(opened.legs)
    return Decision(legs, amount, lots, hold=hold, answers=opened, given_back=back, ref_seq=opened.seq, asset=opened.asset)


def _of(posted: Posted | None, wallet: Wallet, *kinds: Kind) -> Posted:
    if posted is None or posted.wallet != wallet.id or posted.kind not in kinds:
        raise errors.NothingLikeIt
    return posted


def _made_by(wallet: Wallet, posted: Posted, bucket: Bucket) -> list[Lot]:
    """Its lots of its own asset: points that came with the money have their own ways of going."""
    return [
        lot
        for _id, lot in sorted(wallet.lots.items())
        if lot.made_by == posted.seq and lot.bucket == bucket and lot.asset == posted.asset
    ]
