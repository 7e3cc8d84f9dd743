"""The whole journal decided a second time by the engine, batch by batch, and compared row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from psycopg import Connection
from psycopg.rows import namedtuple_row

from chuzhi.ledger import operations, reading, writing
from chuzhi.ledger.chart import Kind
from chuzhi.ledger.findings import Finding
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.rules import engine
from chuzhi.ledger.rules.engine import Head, Record, State
from chuzhi.ledger.rules.state import Clock, Posted, Wallet

Raw = Connection[tuple[Any, ...]]
BY_TIME = {Kind.EXPIRY, Kind.HOLD_EXPIRY}

JOURNAL = """
    SELECT b.batch_no, o.* FROM ledger_batch b
    JOIN ledger_operation o ON o.book = b.book AND o.seq BETWEEN b.first_seq AND b.last_seq
    WHERE b.book = %s ORDER BY b.batch_no, o.seq"""
REFERRED = """
    SELECT DISTINCT coalesce(details::jsonb->>'charge', details::jsonb->>'top_up', details::jsonb->>'dispute')::bigint
    FROM ledger_operation WHERE book = %s AND kind IN (6, 7, 12, 13)"""
CUTS = """
    SELECT b.last_seq, p.closed_until FROM ledger_period_book b JOIN ledger_period p ON p.id = b.period
    WHERE b.book = %s ORDER BY b.last_seq"""


class Line(NamedTuple):
    """What a journal row and its second decision must agree on."""

    kind: int
    wallet: int
    asset: int
    amount: int
    refusal: str | None
    legs: list[tuple[int, int, int, int, int]]
    after: list[tuple[int, int, int]]
    ref_seq: int | None
    details: str
    outcome: str


@dataclass(slots=True)
class Book:
    """One book as it grows again in memory: open lots and holds, and the operations that later ones refer to."""

    number: int
    head: Head
    referred: set[int]
    cuts: list[tuple[int, datetime]]
    wallets: dict[tuple[int, int], Wallet] = field(default_factory=dict)
    posted: dict[int, Posted] = field(default_factory=dict)
    by_wallet: dict[int, list[Posted]] = field(default_factory=dict)
    referred_lots: set[int] = field(default_factory=set)


def check(connection: Raw, books: Sequence[int]) -> Iterator[Finding]:
    """The first disagreement of each book, as I12: everything after it follows from it."""
    for number in books:
        referred = {row[0] for row in connection.execute(REFERRED, [number])}
        book = Book(number, Head(number, 0, 0), referred, list(connection.execute(CUTS, [number])))
        with connection.cursor("ledger_again", row_factory=namedtuple_row) as cursor:
            cursor.itersize = 5_000
            cursor.execute(JOURNAL, [number])
            for _batch, rows in groupby(cursor, key=itemgetter(0)):
                if (finding := _of_batch(book, list(rows))) is not None:
                    yield finding
                    break


def _of_batch(book: Book, rows: list[Any]) -> Finding | None:
    zone = ZoneInfo(str(settings.TIME_ZONE))
    clock = Clock(rows[0].time, reading.day_of(rows[0].time, zone))
    asked = [None if row.kind in BY_TIME else _asked(row) for row in rows]
    state = State({book.number: book.head}, clock, _closed_until(book, rows[0].seq), book.wallets)
    for each in asked:
        if each is not None and (seq := engine.answers(each)) in book.posted:
            state.remember(book.number, book.posted[seq])
    records = list(_decide(state, rows, asked))
    for row, record in zip(rows, records, strict=False):
        before, after = _line_of_row(row), _line_of_record(record)
        for name, kept, decided in zip(Line._fields, before, after, strict=True):
            if kept != decided:
                return Finding("I12", book.number, f"seq {row.seq}", f"{name} {decided}, decided again", f"{name} {kept}")
    if len(records) != len(rows):
        return Finding("I12", book.number, f"seq {rows[0].seq} on", f"{len(records)} operations, decided again", f"{len(rows)}")
    _remember(book, state, records)
    return None


def _asked(row: Any) -> Operation:
    common: dict[str, object] = {
        "book": row.book, "wallet": row.wallet, "key": "", "by": row.actor, "asset": row.asset, "amount": row.amount,
        "store": row.store, "till": row.till, "effective_at": row.effective_at if row.effective_at != row.time else None,
    }  # fmt: skip
    return operations.again(Kind(row.kind), common, row.details)


def _closed_until(book: Book, first_seq: int) -> datetime | None:
    return max((until for last_seq, until in book.cuts if last_seq < first_seq), default=None)


def _decide(state: State, rows: Sequence[Any], asked: Sequence[Operation | None]) -> Iterator[Record]:
    """The engine's records. A wallet that only time touched in this batch is woken for it."""
    done = 0
    for place, (row, each) in enumerate(zip(rows, asked, strict=True)):
        key = (row.book, row.wallet)
        if each is None and place >= done and key not in state.woken and key in state.wallets and _is_alone(rows, asked, place):
            state.woken.add(key)
            woken = list(engine.wake(state, state.wallets[key]))
            done += len(woken)
            yield from woken
        elif each is not None:
            if key in state.wallets:
                state.wallets[key].wakes_at = state.clock.now
            records = list(engine.perform(state, each))
            done += len(records)
            yield from records


def _is_alone(rows: Sequence[Any], asked: Sequence[Operation | None], place: int) -> bool:
    """True if nobody asked anything of this wallet later in the batch."""
    return all(asked[later] is None or rows[later].wallet != rows[place].wallet for later in range(place, len(rows)))


def _remember(book: Book, state: State, records: Sequence[Record]) -> None:
    """Keep what later operations will look at, and let go of spent lots and ended holds."""
    for record in records:
        for posted in book.by_wallet.get(record.wallet, ()):
            if (book.number, posted.seq) not in state.posted:
                posted.note(record.kind, record.legs)
        if record.seq in book.referred and record.refusal is None:
            legs = [(leg.lot.id, leg.account, leg.amount) for leg in record.legs]
            kept = Posted(record.seq, record.wallet, record.kind, record.asset, record.amount, legs, [0] * len(legs))
            book.posted[record.seq] = kept
            book.by_wallet.setdefault(record.wallet, []).append(kept)
            book.referred_lots.update(leg.lot.id for leg in record.legs)
    for record in records:
        wallet = book.wallets[book.number, record.wallet]
        for lot in [lot for lot in wallet.lots.values() if not lot.remaining and lot.id not in book.referred_lots]:
            del wallet.lots[lot.id]
        for hold in [hold for hold in wallet.holds.values() if not hold.is_open]:
            del wallet.holds[hold.id]


def _line_of_row(row: Any) -> Line:
    legs = list(zip(row.lots, row.leg_pots, row.accounts, row.amounts, row.promises, strict=True))
    after = list(zip(row.pots, row.balances, row.helds, strict=True))
    return Line(row.kind, row.wallet, row.asset, row.amount, row.refusal, legs, after, row.ref_seq, row.details, row.outcome)


def _line_of_record(record: Record) -> Line:
    legs = [(leg.lot.id, leg.lot.pot, leg.account, leg.amount, leg.held) for leg in record.legs]
    after = [(pot, units, held) for pot, (units, held) in sorted(record.balances.items())]
    refusal = record.refusal.code if record.refusal is not None else None
    details = record.operation.details() if record.operation is not None else ""
    return Line(
        int(record.kind), record.wallet, record.asset, record.amount, refusal, legs, after, record.ref_seq, details,
        writing.outcome(record),
    )  # fmt: skip
