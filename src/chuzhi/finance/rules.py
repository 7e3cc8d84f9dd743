"""When three books tell the same of a movement of money, what it is called when they do not, and what is still on its way.

Amounts are whole minor units; money that came to us is positive.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum


class Way(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    SHIFT = "shift"
    LINE = "line"  # of a bank's statement, that no payment takes
    PAYOUT = "payout"  # from a provider to our bank
    CUSTODY = "custody"  # what law wants on an account of its own, against what is there


OF_NO_BILL = (Way.PAYOUT, Way.CUSTODY)
"""They are compared by themselves, and stand in no day's bill."""


class Kind(StrEnum):
    LATE = "late"  # not in the bill of its day; the next one is not here yet
    OURS_NOT_IN_BILL = "ours_not_in_bill"
    IN_BILL_NOT_OURS = "in_bill_not_ours"
    TWICE_IN_BILL = "twice_in_bill"
    AMOUNT_DIFFERS = "amount_differs"
    FEE_DIFFERS = "fee_differs"
    CREDITED_NOT_PAID = "credited_not_paid"
    PAID_NOT_CREDITED = "paid_not_credited"
    DRAWER_DIFFERS = "drawer_differs"
    NOT_ARRIVED = "not_arrived"
    CUSTODY_SHORT = "custody_short"


class Fix(StrEnum):
    """What can be done about a difference with one press."""

    BOOK = "book"  # what was paid is credited, or goes back by the rules of the order
    PAY_BACK = "pay_back"  # what nobody was credited for
    REFUND_EXTRA = "refund_extra"  # what came twice, once
    TAKE_BACK = "take_back"  # what was credited and never paid; what is spent of it is owed
    WRITE_OFF = "write_off"  # nothing is done; it no longer counts


AGES = (0, 1, 3, 7, 30)
"""Days: what is open is counted by these."""


class Wait(IntEnum):
    """How much of what a provider tells of a day is here."""

    NOTHING = 0
    ITS_DAY = 1
    THE_NEXT_TOO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """One movement of money as each book has it. None: it is not there.

    `needs_booking` is false for what passes by the ledger: money that could not be credited and goes back, a dispute that is
    not decided. `fee` is what we expect the provider to keep, None where nobody knows.
    """

    way: Way
    booked: int | None = None
    ours: int | None = None
    billed: int | None = None
    billed_times: int = 0
    needs_booking: bool = True
    fee: int | None = None
    billed_fee: int | None = None
    wait: Wait = Wait.NOTHING


@dataclass(frozen=True, slots=True)
class Difference:
    """`amount`: by how much our books are above the other side's."""

    kind: Kind
    amount: int


@dataclass(frozen=True, slots=True)
class Aged:
    """What of an account is open for more than `over_days` and not longer than the next."""

    over_days: int
    count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A movement as a clearing account sees it: what is expected, and what was settled, each on its day."""

    expected: int
    expected_on: date | None
    billed: int
    billed_on: date | None
    written_off: int = 0
    written_off_on: date | None = None


@dataclass(frozen=True, slots=True)
class Clearing:
    """A clearing account on a day. What is settled is confirmed by the other side, or was closed by somebody."""

    opening: int
    came: int
    went: int
    settled: int

    @property
    def closing(self) -> int:
        return self.opening + self.came - self.went - self.settled


def waited(due_on: date | None, bills: frozenset[date]) -> Wait:
    """Which bills are here of those that could name something that was due on a day."""
    if due_on is None or due_on not in bills:
        return Wait.NOTHING
    return Wait.THE_NEXT_TOO if due_on + timedelta(days=1) in bills else Wait.ITS_DAY


def expected(sides: Sides) -> int:
    """What has to be settled: what the ledger says; of what passes by it, what our payments say."""
    figure = sides.booked if sides.needs_booking or sides.ours is None else sides.ours
    return figure or 0


def difference_of_money(sides: Sides) -> Difference | None:
    """At most one: the first that explains the movement. Nothing while it is too early to tell."""
    kind = _kind(sides)
    return Difference(kind, _gap(sides)) if kind else None


def difference_of_fee(sides: Sides) -> Difference | None:
    """Only of a payment that is billed once, and whose fee somebody knows."""
    if sides.way is not Way.PAYMENT or sides.fee is None or sides.billed_fee is None or sides.billed_times != 1:
        return None
    return Difference(Kind.FEE_DIFFERS, sides.fee - sides.billed_fee) if sides.fee != sides.billed_fee else None


def clearing(moves: Iterable[Move], on: date) -> Clearing:
    """The account on a day, from all movements that are dated up to its end and were not settled before it."""
    opening = came = went = settled = 0
    for move in moves:
        if move.expected_on == on:
            came += max(move.expected, 0)
            went += max(-move.expected, 0)
        settled += move.billed * (move.billed_on == on) + move.written_off * (move.written_off_on == on)
        opening += position(move, on - timedelta(days=1))
    return Clearing(opening, came, went, settled)


def position(move: Move, on: date) -> int:
    """What of a movement was not settled at the end of a day; below zero: settled and not expected."""
    return (
        move.expected * _is_by(move.expected_on, on)
        - move.billed * _is_by(move.billed_on, on)
        - move.written_off * _is_by(move.written_off_on, on)
    )


def aged(left: Iterable[tuple[date, int]], on: date) -> list[Aged]:
    """What is open by how long it has been, each with its day and amount; the youngest first."""
    found = [((on - since).days, amount) for since, amount in left]
    bounds = zip(AGES, [*AGES[1:], None], strict=True)
    sorted_out = [
        (low, [amount for days, amount in found if max(days, 0) >= low and (high is None or days < high)])
        for low, high in bounds
    ]
    return [Aged(low, len(amounts), sum(amounts)) for low, amounts in sorted_out if amounts]


def fixes(way: Way, kind: Kind, *, knows_payment: bool, is_paid: bool, knows_top_up: bool = False) -> tuple[Fix, ...]:
    """What is offered, the likeliest first. A line of a statement is decided where the statement is; of what a card
    terminal took there is no payment that could be asked about or paid back."""
    if way is Way.LINE:
        return ()
    helpful: dict[Kind, tuple[Fix, ...]] = {}
    if way is Way.PAYMENT and knows_payment:
        helpful = {Kind.PAID_NOT_CREDITED: (Fix.BOOK, Fix.PAY_BACK), Kind.TWICE_IN_BILL: (Fix.REFUND_EXTRA,)}
        helpful |= {} if is_paid else {Kind.IN_BILL_NOT_OURS: (Fix.BOOK,)}
    if way is Way.PAYMENT and knows_top_up:
        helpful |= {Kind.CREDITED_NOT_PAID: (Fix.TAKE_BACK,)}
    return (*helpful.get(kind, ()), Fix.WRITE_OFF)


def _is_by(day: date | None, on: date) -> bool:
    return day is not None and day <= on


def _kind(sides: Sides) -> Kind | None:
    if sides.way in _OF_ITS_OWN:
        return _OF_ITS_OWN[sides.way](sides)
    if sides.ours is None:
        return _kind_of_no_payment(sides)
    if sides.billed is None and sides.wait is Wait.NOTHING:
        return None
    if sides.needs_booking and sides.booked is None:
        return Kind.PAID_NOT_CREDITED
    return _kind_of_figures(sides, sides.ours)


def _kind_of_figures(sides: Sides, ours: int) -> Kind | None:
    if sides.billed is None:
        return Kind.LATE if sides.wait is Wait.ITS_DAY else Kind.OURS_NOT_IN_BILL
    if sides.billed_times > 1 and abs(sides.billed) > abs(ours):
        return Kind.TWICE_IN_BILL
    is_booked_otherwise = sides.needs_booking and sides.booked != ours
    return Kind.AMOUNT_DIFFERS if sides.billed != ours or is_booked_otherwise else None


def _kind_of_shift(sides: Sides) -> Kind | None:
    return Kind.DRAWER_DIFFERS if sides.booked != sides.billed else None


def _kind_of_line(sides: Sides) -> Kind | None:
    """`ours` is what the line is a part of."""
    if not sides.billed:
        return None
    if sides.billed_times > 1:
        return Kind.TWICE_IN_BILL
    return Kind.IN_BILL_NOT_OURS if sides.ours is None else Kind.AMOUNT_DIFFERS


def _kind_of_payout(sides: Sides) -> Kind | None:
    if sides.billed is None:
        return Kind.NOT_ARRIVED if sides.ours and sides.wait is Wait.THE_NEXT_TOO else None
    return Kind.AMOUNT_DIFFERS if sides.billed != sides.ours else None


def _kind_of_custody(sides: Sides) -> Kind | None:
    """More than law wants is nobody's difference."""
    return Kind.CUSTODY_SHORT if (sides.billed or 0) < (sides.ours or 0) else None


def _kind_of_no_payment(sides: Sides) -> Kind | None:
    if sides.booked:
        return Kind.CREDITED_NOT_PAID
    return Kind.IN_BILL_NOT_OURS if sides.billed else None


def _gap(sides: Sides) -> int:
    """Between what is expected and what was billed; where these agree, between the ledger and our payments."""
    return expected(sides) - (sides.billed or 0) or (sides.booked or 0) - (sides.ours or 0)


_OF_ITS_OWN = {Way.SHIFT: _kind_of_shift, Way.LINE: _kind_of_line, Way.PAYOUT: _kind_of_payout, Way.CUSTODY: _kind_of_custody}
