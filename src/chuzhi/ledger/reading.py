"""What a batch must know, read in one round trip after its books are locked."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chuzhi.ledger.operations import Dispute, Operation, TopUpRefund
from chuzhi.ledger.rows import Raw, array, run
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
    rows: dict[tuple[int, uuid.UUID], tuple[Any, ...]]


def lock_and_read(connection: Raw, operations: Sequence[Operation], *, clock: Clock | None, zone: ZoneInfo) -> Known:
    """Lock the heads in ascending order, then read what these operations touch. Later statements see what the lock waited for."""
    books = sorted({each.book for each in operations})
    with connection.pipeline():
        heads = run(connection, LOCK, [array(books)])
        keys = run(connection, BY_KEY, [array(each.book for each in operations), array(each.key_hash() for each in operations)])
        places = sorted({(each.book, each.wallet) for each in operations})
        wallets = [array(book for book, _wallet in places), array(wallet for _book, wallet in places)]
        lots, holds, states = (run(connection, statement, wallets) for statement in (LOTS, HOLDS, STATES))
        refs = sorted({(each.book, seq) for each in operations if (seq := answers(each)) is not None})
        posted = _read_posted(connection, refs) if refs else None
        traced = _refs_whose_lots_are_traced(operations)
        moved = run(connection, MOVED, _columns(traced)) if traced else None
        closed = run(connection, CLOSED_UNTIL, []) if any(each.effective_at for each in operations) else None
        found = heads.fetchall()
        if len(found) < len(books):
            run(connection, OPEN_BOOKS, [array(books)])
            return lock_and_read(connection, operations, clock=clock, zone=zone)
        state, chains = _heads(found, clock, zone)
        if closed is not None:
            state.closed_until = closed.fetchall()[0][0]
        _wallets(state, lots.fetchall(), holds.fetchall(), states.fetchall())
        if posted is not None:
            _posted(state, posted[0].fetchall(), posted[1].fetchall(), moved.fetchall() if moved is not None else ())
        return Known(state, chains, {(row[0], row[-1]): row for row in keys.fetchall()})


def _columns(pairs: Sequence[tuple[int, int]]) -> list[str]:
    return [array(book for book, _seq in pairs), array(seq for _book, seq in pairs)]


def _read_posted(connection: Raw, refs: Sequence[tuple[int, int]]) -> tuple[Any, Any]:
    return run(connection, POSTED, _columns(refs)), run(connection, POSTED_LOTS, _columns(refs))


def _refs_whose_lots_are_traced(operations: Iterable[Operation]) -> list[tuple[int, int]]:
    return sorted({(each.book, each.top_up) for each in operations if isinstance(each, TopUpRefund | Dispute)})


def _heads(rows: Iterable[tuple[Any, ...]], clock: Clock | None, zone: ZoneInfo) -> tuple[State, dict[int, Chain]]:
    rows = list(rows)
    now = clock.now if clock else datetime.now(zone)
    now = next_time(now, [row[4] for row in rows])
    state = State({row[0]: Head(row[0], row[1], row[2]) for row in rows}, Clock(now, day_of(now, zone)))
    return state, {row[0]: Chain(row[3], bytes(row[5])) for row in rows}


def day_of(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _wallets(state: State, lots: Iterable[Any], holds: Iterable[Any], states: Iterable[Any]) -> None:
    wallets = state.wallets
    for row in lots:
        place = (row[0], row[1])
        wallet = wallets.get(place)
        if wallet is None:
            wallet = wallets[place] = Wallet(*place)
        wallet.lots[row[2]] = Lot(*row[2:])
    for book, owner, number, asset, amount, captured, released, expires_at, numbers, parts in holds:
        wallet = wallets.setdefault((book, owner), Wallet(book, owner))
        pairs = [list(pair) for pair in zip(numbers, parts, strict=True)]
        wallet.holds[number] = Hold(number, asset, amount, captured, released, expires_at, pairs)
    for book, owner, standing, day, topped_up, charged in states:
        wallet = wallets.setdefault((book, owner), Wallet(book, owner))
        wallet.standing, wallet.day, wallet.topped_up, wallet.charged = standing, day, topped_up, charged


def _posted(state: State, rows: Iterable[Any], lots: Iterable[Any], moved: Iterable[Any]) -> None:
    for book, seq, owner, kind, asset, amount, numbers, accounts, amounts, per_leg in rows:
        legs = list(zip(numbers, accounts, amounts, strict=True))
        given_back = list(per_leg) if per_leg is not None else [0] * len(legs)
        state.posted[book, seq] = Posted(seq, owner, kind, asset, amount, legs, given_back, per_leg is not None)
    for row in lots:
        wallet = state.wallets.setdefault((row[0], row[1]), Wallet(row[0], row[1]))
        wallet.lots.setdefault(row[2], Lot(*row[2:]))
    for book, seq, lot, kind, account, amount in moved:
        state.posted[book, seq].moved[lot, kind, account] = amount
