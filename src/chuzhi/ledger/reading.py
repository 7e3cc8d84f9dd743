"""What a batch must know, read in one round trip after its books are locked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chuzhi.ledger.operations import Dispute, Operation, TopUpRefund
from chuzhi.ledger.rows import Answer, Exchange, array
from chuzhi.ledger.rules.engine import Head, State, answers, next_time
from chuzhi.ledger.rules.state import Clock, Hold, Lot, Posted, Wallet

LOT_COLUMNS = (
    "l.book, l.wallet, l.id, l.asset, l.bucket, l.amount, l.remaining, l.held, l.expires_at, l.granted_at, l.terms, "
    "l.funding, l.made_by"
)
OPERATION_COLUMNS = (
    "o.book, o.seq, o.wallet, o.kind, o.asset, o.amount, o.refusal, o.lots, o.leg_pots, o.accounts, o.amounts, o.promises, "
    "o.pots, o.balances, o.helds, o.ref_seq, o.effective_at, o.time, o.fingerprint, o.outcome, o.key_hash"
)

LOCK = """
    SELECT book, last_seq, last_lot, last_batch, last_time, head_hash
    FROM ledger_book_head WHERE book = ANY(%s::smallint[]) ORDER BY book FOR UPDATE"""
OPEN_BOOKS = """
    INSERT INTO ledger_book_head (book, last_seq, last_lot, last_batch, last_time, head_hash)
    SELECT book, 0, 0, 0, 'epoch', decode(repeat('00', 32), 'hex') FROM unnest(%s::smallint[]) book
    ON CONFLICT (book) DO NOTHING"""
BY_KEY = f"""
    SELECT {OPERATION_COLUMNS} FROM unnest(%s::smallint[], %s::uuid[]) k(book, key_hash)
    JOIN ledger_operation o ON o.book = k.book AND o.key_hash = k.key_hash"""
LOTS = f"""
    SELECT {LOT_COLUMNS} FROM unnest(%s::smallint[], %s::bigint[]) w(book, wallet)
    JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.wallet AND l.open"""
HOLDS = """
    SELECT h.book, h.wallet, h.id, h.asset, h.amount, h.captured, h.released, h.expires_at, h.lots, h.parts
    FROM unnest(%s::smallint[], %s::bigint[]) w(book, wallet)
    JOIN ledger_hold h ON h.book = w.book AND h.wallet = w.wallet AND h.open"""
STATES = """
    SELECT s.book, s.wallet, s.standing, s.day, s.topped_up, s.charged FROM unnest(%s::smallint[], %s::bigint[]) w(book, wallet)
    JOIN ledger_wallet_state s ON s.book = w.book AND s.wallet = w.wallet"""
CLOSED_UNTIL = "SELECT max(closed_until) FROM ledger_period"
POSTED = """
    SELECT o.book, o.seq, o.wallet, o.kind, o.asset, o.amount, o.lots, o.accounts, o.amounts, g.per_leg
    FROM unnest(%s::smallint[], %s::bigint[]) r(book, seq)
    JOIN ledger_operation o ON o.book = r.book AND o.seq = r.seq AND o.refusal IS NULL
    LEFT JOIN ledger_given_back g ON g.book = r.book AND g.seq = r.seq"""
POSTED_LOTS = f"""
    SELECT {LOT_COLUMNS} FROM unnest(%s::smallint[], %s::bigint[]) r(book, seq)
    JOIN ledger_operation o ON o.book = r.book AND o.seq = r.seq AND o.refusal IS NULL
    JOIN ledger_lot l ON l.book = o.book AND l.wallet = o.wallet AND l.id = ANY(o.lots)"""
MOVED = """
    SELECT r.book, r.seq, leg.lot, o.kind, leg.account, sum(leg.amount)::bigint
    FROM unnest(%s::smallint[], %s::bigint[]) r(book, seq)
    JOIN ledger_operation made ON made.book = r.book AND made.seq = r.seq
    JOIN ledger_operation o ON o.book = r.book AND o.wallet = made.wallet AND o.seq > r.seq AND o.lots && made.lots
    CROSS JOIN LATERAL unnest(o.lots, o.accounts, o.amounts) leg(lot, account, amount)
    WHERE leg.lot = ANY(made.lots)
    GROUP BY r.book, r.seq, leg.lot, o.kind, leg.account"""


Keyed = tuple[Operation, str, str]
"""An operation with its key hash and its fingerprint, worked out once."""


@dataclass(slots=True)
class Chain:
    """Where a book's hash chain stands."""

    last_batch: int
    head_hash: bytes


@dataclass(slots=True)
class Known:
    """The state of a batch, its books' chains, and the rows of operations whose key was used before."""

    state: State
    chains: dict[int, Chain]
    rows: dict[tuple[int, str], tuple[Any, ...]]


def lock_and_read(exchange: Exchange, keyed: Sequence[Keyed], *, clock: Clock | None, zone: ZoneInfo) -> Known:
    """Lock the heads in ascending order, then read what these operations touch: later statements see what the lock awaited."""
    operations = [asked for asked, _key_hash, _fingerprint in keyed]
    books = sorted({each.book for each in operations})
    places = _columns({(each.book, each.wallet) for each in operations})
    refs = {(each.book, seq) for each in operations if (seq := answers(each)) is not None}
    traced = _refs_whose_lots_are_traced(operations)
    heads = exchange.ask(LOCK, [array(books)])
    keys = exchange.ask(BY_KEY, [array([each.book for each in operations]), array([each[1] for each in keyed])])
    lots, holds, states = (exchange.ask(statement, places) for statement in (LOTS, HOLDS, STATES))
    posted, posted_lots = (exchange.ask(statement, _columns(refs)) if refs else Answer() for statement in (POSTED, POSTED_LOTS))
    moved = exchange.ask(MOVED, _columns(traced)) if traced else Answer()
    closed = exchange.ask(CLOSED_UNTIL) if any(each.effective_at for each in operations) else Answer()
    exchange.send()
    if len(heads.rows) < len(books):
        exchange.ask(OPEN_BOOKS, [array(books)])
        return lock_and_read(exchange, keyed, clock=clock, zone=zone)
    state, chains = _heads(heads.rows, clock, zone)
    if closed.rows:
        state.closed_until = closed.rows[0][0]
    _wallets(state, lots.rows, holds.rows, states.rows)
    _posted(state, posted.rows, posted_lots.rows, moved.rows)
    return Known(state, chains, {(row[0], row[-1].hex): row for row in keys.rows})


def _columns(pairs: Collection[tuple[int, int]]) -> list[str]:
    """In ascending order, so that neighbours are read together."""
    ordered = sorted(pairs)
    return [array([book for book, _number in ordered]), array([number for _book, number in ordered])]


def _refs_whose_lots_are_traced(operations: Iterable[Operation]) -> set[tuple[int, int]]:
    return {(each.book, each.top_up) for each in operations if isinstance(each, TopUpRefund | Dispute)}


def _heads(rows: Sequence[tuple[Any, ...]], clock: Clock | None, zone: ZoneInfo) -> tuple[State, dict[int, Chain]]:
    # In the very zone object that the database's times have: times of one zone compare four times as fast as those of two.
    now = clock.now if clock else datetime.now(rows[0][4].tzinfo)
    now = next_time(now, [row[4] for row in rows])
    state = State({row[0]: Head(row[0], row[1], row[2]) for row in rows}, Clock(now, day_of(now, zone)))
    return state, {row[0]: Chain(row[3], bytes(row[5])) for row in rows}


def day_of(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _wallets(state: State, lots: Iterable[Any], holds: Iterable[Any], states: Iterable[Any]) -> None:
    wallets = state.wallets
    for row in lots:
        place = row[:2]
        wallet = wallets.get(place)
        if wallet is None:
            wallet = wallets[place] = Wallet(*place)
        lot = wallet.lots[row[2]] = Lot(*row[2:])
        if lot.expires_at is not None:
            wallet.wakes_at = sooner(wallet.wakes_at, lot.expires_at)
    for book, owner, number, asset, amount, captured, released, expires_at, numbers, parts in holds:
        wallet = wallets.setdefault((book, owner), Wallet(book, owner))
        pairs = [list(pair) for pair in zip(numbers, parts, strict=True)]
        wallet.holds[number] = Hold(number, asset, amount, captured, released, expires_at, pairs)
        wallet.wakes_at = sooner(wallet.wakes_at, expires_at)
    for book, owner, standing, day, topped_up, charged in states:
        wallet = wallets.setdefault((book, owner), Wallet(book, owner))
        wallet.standing, wallet.day, wallet.topped_up, wallet.charged = standing, day, topped_up, charged


def sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _posted(state: State, rows: Iterable[Any], lots: Iterable[Any], moved: Iterable[Any]) -> None:
    for book, seq, owner, kind, asset, amount, numbers, accounts, amounts, per_leg in rows:
        legs = list(zip(numbers, accounts, amounts, strict=True))
        given_back = list(per_leg) if per_leg is not None else [0] * len(legs)
        state.remember(book, Posted(seq, owner, kind, asset, amount, legs, given_back, per_leg is not None))
    for row in lots:
        wallet = state.wallets.setdefault((row[0], row[1]), Wallet(row[0], row[1]))
        wallet.lots.setdefault(row[2], Lot(*row[2:]))
    for book, seq, lot, kind, account, amount in moved:
        state.posted[book, seq].moved[lot, kind, account] = amount
