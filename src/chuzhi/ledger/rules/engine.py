"""One operation after another against the wallets of a batch: `(state, operation, time) -> record`, the same on replay."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chuzhi.core.errors import Refused
from chuzhi.ledger import errors
from chuzhi.ledger.chart import Kind
from chuzhi.ledger.operations import Dispute, DisputeEnd, Operation, Refund, TopUpRefund
from chuzhi.ledger.rules import entering, holding, leaving, returning, standing
from chuzhi.ledger.rules.state import Clock, Decision, Hold, Leg, Lot, Posted, Wallet


def charge(wallet: Wallet, asked: Any, clock: Clock) -> Decision:
    """Spending, and what it earns, in one decision."""
    decision = leaving.charge(wallet, asked, clock)
    if asked.earns:
        legs, lots = entering.make(wallet, asked.earns, clock)
        decision.legs += legs
        decision.new_lots += lots
    return decision


_ALONE: dict[Kind, Callable[[Wallet, Any, Clock], Decision]] = {
    Kind.TOP_UP: entering.top_up,
    Kind.TRANSFER_IN: entering.transfer_in,
    Kind.ADJUSTMENT: entering.adjust,
    Kind.CHARGE: charge,
    Kind.TRANSFER_OUT: leaving.transfer_out,
    Kind.TAKE_BACK: leaving.taken_back,
    Kind.HOLD: holding.place,
    Kind.CAPTURE: holding.capture,
    Kind.RELEASE: holding.release,
    Kind.STANDING: standing.stand,
}
_ANSWERING: dict[Kind, Callable[[Wallet, Any, Clock, Posted | None], Decision]] = {
    Kind.REFUND: returning.refund,
    Kind.TOP_UP_REFUND: returning.top_up_refund,
    Kind.DISPUTE: returning.dispute,
    Kind.DISPUTE_END: returning.dispute_end,
}


def answers(asked: Operation) -> int | None:
    """The seq of the earlier operation that this one needs to see, if any."""
    match asked:
        case Refund(charge=seq) | TopUpRefund(top_up=seq) | Dispute(top_up=seq) | DisputeEnd(dispute=seq):
            return seq
        case _:
            return None


@dataclass(slots=True)
class Head:
    """Where a book stands: the last numbers given out."""

    book: int
    last_seq: int
    last_lot: int


@dataclass(slots=True)
class Record:
    """One row of the journal: what was asked, decided and left behind. `operation` is None when time itself acted."""

    book: int
    seq: int
    wallet: int
    kind: Kind
    asset: int
    amount: int
    operation: Operation | None = None
    refusal: Refused | None = None
    legs: list[Leg] = field(default_factory=list)
    new_lots: list[Lot] = field(default_factory=list)
    balances: dict[int, tuple[int, int]] = field(default_factory=dict)
    ref_seq: int | None = None
    key_hash: str | None = None
    fingerprint: str | None = None


@dataclass(slots=True)
class State:
    """Everything a batch looks at and changes, and the sets of what it changed."""

    heads: dict[int, Head]
    clock: Clock
    closed_until: datetime | None = None
    wallets: dict[tuple[int, int], Wallet] = field(default_factory=dict)
    posted: dict[tuple[int, int], Posted] = field(default_factory=dict)
    posted_of: dict[tuple[int, int], list[Posted]] = field(default_factory=dict)
    woken: set[tuple[int, int]] = field(default_factory=set)
    changed_lots: dict[tuple[int, int], tuple[Wallet, Lot]] = field(default_factory=dict)
    new_lots: list[tuple[Wallet, Lot]] = field(default_factory=list)
    changed_holds: dict[tuple[int, int], tuple[Wallet, Hold]] = field(default_factory=dict)
    new_holds: list[tuple[Wallet, Hold]] = field(default_factory=list)
    changed_wallets: dict[tuple[int, int], Wallet] = field(default_factory=dict)
    answered: dict[tuple[int, int], Posted] = field(default_factory=dict)

    def remember(self, book: int, posted: Posted) -> None:
        """An earlier operation that one of this batch may answer."""
        if (book, posted.seq) not in self.posted:
            self.posted[book, posted.seq] = posted
            self.posted_of.setdefault((book, posted.wallet), []).append(posted)


def perform(state: State, asked: Operation) -> Iterator[Record]:
    """Decide one operation and let it happen. What time did to the wallet meanwhile comes first, as records of its own."""
    place = (asked.book, asked.wallet)
    yield from stir(state, place)
    wallet = state.wallets[place]
    record = Record(asked.book, 0, asked.wallet, asked.kind, asked.asset, asked.amount, asked)
    try:
        decision = decide(state, wallet, asked)
    except Refused as no:
        record.refusal = no
        _number(state, record)
        record.balances = wallet.balances()
    else:
        _happen(state, wallet, record, decision)
    yield record


def stir(state: State, place: tuple[int, int]) -> Iterator[Record]:
    """Let time act on a wallet, once a batch."""
    wallet = state.wallets.get(place)
    if wallet is None:
        wallet = state.wallets[place] = Wallet(*place)
    if place not in state.woken:
        state.woken.add(place)
        if wallet.wakes_at is not None and wallet.wakes_at <= state.clock.now:
            yield from wake(state, wallet)


def decide(state: State, wallet: Wallet, asked: Operation) -> Decision:
    """The decision alone; raises Refused and changes nothing."""
    if state.closed_until is not None and asked.effective_at is not None and asked.effective_at < state.closed_until:
        raise errors.PeriodClosed
    seq = answers(asked)
    if seq is None:
        return _ALONE[asked.kind](wallet, asked, state.clock)
    return _ANSWERING[asked.kind](wallet, asked, state.clock, state.posted.get((asked.book, seq)))


def wake(state: State, wallet: Wallet) -> Iterator[Record]:
    """Holds whose time has come lapse, then lots whose time has come expire: decided by batch time, sweeper or not."""
    lapsed = [each for _seq, each in sorted(wallet.holds.items()) if each.is_open and each.has_expired(state.clock.now)]
    for hold in lapsed:
        record = Record(wallet.book, 0, wallet.id, Kind.HOLD_EXPIRY, hold.asset, hold.left)
        _happen(state, wallet, record, holding.lapse(wallet, hold))
        yield record
    for asset in sorted({lot.asset for lot in wallet.lots.values() if lot.free and lot.has_expired(state.clock.now)}):
        if decision := leaving.expire(wallet, asset, state.clock):
            record = Record(wallet.book, 0, wallet.id, Kind.EXPIRY, asset, decision.amount)
            _happen(state, wallet, record, decision)
            yield record


def _number(state: State, record: Record) -> None:
    head = state.heads[record.book]
    head.last_seq += 1
    record.seq = head.last_seq


def _happen(state: State, wallet: Wallet, record: Record, decision: Decision) -> None:
    _number(state, record)
    record.amount = decision.amount
    if decision.asset is not None:
        record.asset = decision.asset
    record.legs = decision.legs
    record.new_lots = decision.new_lots
    record.ref_seq = decision.ref_seq
    if decision.new_lots:
        _store_new(state, wallet, decision.new_lots, record.seq)
    if decision.hold is not None:
        _promise(state, wallet, decision, record)
    for leg in decision.legs:
        lot = leg.lot
        lot.remaining += leg.amount
        lot.held += leg.held
        state.changed_lots[wallet.book, lot.id] = (wallet, lot)
    for posted in state.posted_of.get((wallet.book, wallet.id), ()):
        posted.note(record.kind, decision.legs)
    if decision.answers is not None and decision.given_back is not None:
        decision.answers.given_back = decision.given_back
        decision.answers.is_answered = True
        state.answered[wallet.book, decision.answers.seq] = decision.answers
    if decision.standing is not None or decision.topped_up or decision.charged:
        _restand(state, wallet, decision)
    record.balances = wallet.balances(decision.legs)


def _store_new(state: State, wallet: Wallet, lots: Iterable[Lot], seq: int) -> None:
    head = state.heads[wallet.book]
    for lot in lots:
        head.last_lot += 1
        lot.id = head.last_lot
        lot.made_by = seq
        wallet.lots[lot.id] = lot
        state.new_lots.append((wallet, lot))


def _promise(state: State, wallet: Wallet, decision: Decision, record: Record) -> None:
    """A new hold remembers its parts; an old one gives up what these legs took of it."""
    hold = decision.hold
    if hold is None:
        return
    if hold.id == 0:
        hold.id = record.seq
        hold.parts = [[leg.lot.id, leg.held] for leg in decision.legs if leg.held]
        wallet.holds[hold.id] = hold
        state.new_holds.append((wallet, hold))
        return
    taken = {number: 0 for number, _left in hold.parts}
    for leg in decision.legs:
        if leg.held:
            taken[leg.lot.id] -= leg.held
            if leg.amount:
                hold.captured -= leg.held
            else:
                hold.released -= leg.held
    for part in hold.parts:
        part[1] -= taken[part[0]]
    state.changed_holds[wallet.book, hold.id] = (wallet, hold)


def _restand(state: State, wallet: Wallet, decision: Decision) -> None:
    if decision.standing is not None:
        wallet.standing = decision.standing
    if wallet.day != state.clock.day:
        wallet.day, wallet.topped_up, wallet.charged = state.clock.day, 0, 0
    wallet.topped_up += decision.topped_up
    wallet.charged += decision.charged
    state.changed_wallets[wallet.book, wallet.id] = wallet


def next_time(now: datetime, heads: Iterable[datetime]) -> datetime:
    """The time of a batch: the clock's, but never before what its books have seen."""
    return max([now, *heads])
