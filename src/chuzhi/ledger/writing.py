"""What a batch leaves behind: journal rows, seals and images, one statement a table, in one round trip."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chuzhi.ledger import chain
from chuzhi.ledger.chart import Bucket, system_total
from chuzhi.ledger.operations import Document
from chuzhi.ledger.reading import Chain, Known
from chuzhi.ledger.rows import Exchange, array, texts
from chuzhi.ledger.rules.engine import Record, State
from chuzhi.ledger.rules.state import Lot

OPERATIONS = """
    INSERT INTO ledger_operation (book, seq, wallet, kind, asset, amount, refusal, lots, leg_pots, accounts, amounts, promises,
        pots, balances, helds, ref_seq, effective_at, time, actor, store, till, key_hash, fingerprint, details, outcome)
    SELECT book, seq, wallet, kind, asset, amount, refusal, lots::bigint[], leg_pots::int[], accounts::bigint[],
        amounts::bigint[], promises::bigint[], pots::int[], balances::bigint[], helds::bigint[], ref_seq,
        timestamptz 'epoch' + effective_at * interval '1 microsecond', %s::timestamptz, actor, store, till, key_hash, fingerprint,
        details, outcome
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
        %s::bigint[], %s::text[], %s::int[], %s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::text[])
      AS u(book, seq, wallet, kind, asset, amount, refusal, lots, leg_pots, accounts, amounts, promises, pots, balances, helds,
        ref_seq, effective_at, actor, store, till, key_hash, fingerprint, details, outcome)"""
BATCHES = """
    INSERT INTO ledger_batch (book, batch_no, first_seq, last_seq, time, prev_hash, hash, format)
    SELECT book, batch_no, first_seq, last_seq, %s::timestamptz, prev_hash, hash, 1
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[])
      AS u(book, batch_no, first_seq, last_seq, prev_hash, hash)"""
HEADS = """
    UPDATE ledger_book_head h
    SET last_seq = u.last_seq, last_lot = u.last_lot, last_batch = u.batch_no, last_time = %s::timestamptz, head_hash = u.hash
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[])
      AS u(book, last_seq, last_lot, batch_no, hash)
    WHERE h.book = u.book"""
NEW_LOTS = """
    INSERT INTO ledger_lot (book, wallet, id, asset, bucket, amount, remaining, held, open, expires_at, granted_at, terms,
        funding, made_by)
    SELECT book, wallet, id, asset, bucket, amount, remaining, held, remaining > 0, expires_at, granted_at, terms,
        funding, made_by
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::text[], %s::bigint[])
      AS u(book, wallet, id, asset, bucket, amount, remaining, held, expires_at, granted_at, terms, funding, made_by)"""
LOTS = """
    UPDATE ledger_lot l SET remaining = u.remaining, held = u.held, open = u.remaining > 0
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
      AS u(book, wallet, id, remaining, held)
    WHERE l.book = u.book AND l.wallet = u.wallet AND l.id = u.id"""
NEW_HOLDS = """
    INSERT INTO ledger_hold (book, id, wallet, asset, amount, captured, released, open, expires_at, lots, parts)
    SELECT book, id, wallet, asset, amount, captured, released, amount > captured + released, expires_at,
        lots::bigint[], parts::bigint[]
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::timestamptz[], %s::text[], %s::text[])
      AS u(book, id, wallet, asset, amount, captured, released, expires_at, lots, parts)"""
HOLDS = """
    UPDATE ledger_hold h SET captured = u.captured, released = u.released, open = h.amount > u.captured + u.released,
        parts = u.parts::bigint[]
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS u(book, id, captured, released, parts)
    WHERE h.book = u.book AND h.id = u.id"""
STATES = """
    INSERT INTO ledger_wallet_state AS s (book, wallet, standing, day, topped_up, charged)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::date[], %s::bigint[], %s::bigint[])
    ON CONFLICT (book, wallet) DO UPDATE SET standing = excluded.standing, day = excluded.day, topped_up = excluded.topped_up,
        charged = excluded.charged"""
GIVEN_BACK = """
    INSERT INTO ledger_given_back (book, seq, per_leg)
    SELECT book, seq, per_leg::bigint[] FROM unnest(%s::smallint[], %s::bigint[], %s::text[]) AS u(book, seq, per_leg)
    ON CONFLICT (book, seq) DO UPDATE SET per_leg = excluded.per_leg"""
TOTALS = """
    INSERT INTO ledger_system_total AS t (book, account, pot, total)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::int[], %s::bigint[])
    ON CONFLICT (book, account, pot) DO UPDATE SET total = t.total + excluded.total"""


def write(exchange: Exchange, known: Known, records: Sequence[Record]) -> None:
    """Everything the records changed, and the documents they carry: asked for, to be sent together."""
    state, now = known.state, known.state.clock.now
    lines = _operations(exchange, records, now)
    _seal(exchange, known, lines, now)
    _images(exchange, state)
    _totals(exchange, records)
    _documents(exchange, records, now)


def outcome(record: Record) -> str:
    """What else came of it, as JSON: the facts of a refusal, or the lots that were made."""
    if record.refusal is not None:
        facts = {name: fact for name, fact in record.refusal.facts.items() if isinstance(fact, int | str)}
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    if record.new_lots:
        return json.dumps([_lot_line(lot) for lot in record.new_lots], ensure_ascii=False, separators=(",", ":"))
    return ""


def _lot_line(lot: Lot) -> list[object]:
    expires_at = None if lot.expires_at is None else chain.microseconds(lot.expires_at)
    return [lot.id, lot.asset, lot.bucket, lot.amount, expires_at, chain.microseconds(lot.granted_at), lot.terms, lot.funding]


def _operations(exchange: Exchange, records: Sequence[Record], now: datetime) -> dict[int, list[str]]:
    """Insert the rows; answer, per book, the lines that its seal covers. Each value is written out once, for both."""
    lines: dict[int, list[str]] = {}
    rows: list[tuple[str, ...]] = []
    at_now = str(chain.microseconds(now))
    for record in records:
        row = _row(record, at_now)
        *plain, details, result = row
        line = f"{'|'.join(plain)}|{len(details)}|{details}|{result}"
        if record.book in lines:
            lines[record.book].append(line)
        else:
            lines[record.book] = [line]
        rows.append(row)
    columns = list(zip(*rows, strict=True))
    del columns[16]  # the batch's time is one for all
    written = [_column(place, column) for place, column in enumerate(columns)]
    exchange.ask(OPERATIONS, [now.isoformat(), array([record.book for record in records]), *written])
    return lines


def _row(record: Record, at_now: str) -> tuple[str, ...]:
    """One journal row after its book, as texts in table order, nothing for NULL."""
    asked, legs = record.operation, record.legs
    after = sorted(record.balances.items())
    effective = at_now if asked is None or asked.effective_at is None else str(chain.microseconds(asked.effective_at))
    by, store, till = ("system:0", None, None) if asked is None else (asked.by, asked.store, asked.till)
    return (
        str(record.seq), str(record.wallet), str(int(record.kind)), str(record.asset), str(record.amount),
        record.refusal.code if record.refusal is not None else "",
        _numbers([leg.lot.id for leg in legs]), _numbers([leg.lot.pot for leg in legs]),
        _numbers([leg.account for leg in legs]), _numbers([leg.amount for leg in legs]), _numbers([leg.held for leg in legs]),
        _numbers([pot for pot, _figures in after]), _numbers([units for _pot, (units, _held) in after]),
        _numbers([held for _pot, (_units, held) in after]),
        _or_nothing(record.ref_seq), effective, at_now, by, _or_nothing(store), _or_nothing(till),
        record.key_hash or "", record.fingerprint or "", asked.details() if asked is not None else "", outcome(record),
    )  # fmt: skip


def _or_nothing(number: int | None) -> str:
    return "" if number is None else str(number)


def _numbers(values: list[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


_OPTIONAL, _ARRAYS, _TEXTS = {5, 14, 17, 18, 19, 20}, set(range(6, 14)), {16, 21, 22}
"""Columns of `_row` without its time, by how their values are put into an array: NULL for nothing, quoted, quoted and escaped."""


def _column(place: int, values: Sequence[str]) -> str:
    if place in _OPTIONAL:
        return "{" + ",".join([value or "NULL" for value in values]) + "}"
    if place in _ARRAYS:
        return '{"' + '","'.join(values) + '"}'
    return texts(values) if place in _TEXTS else "{" + ",".join(values) + "}"


def _seal(exchange: Exchange, known: Known, lines: dict[int, list[str]], now: datetime) -> None:
    books = sorted(lines)
    at_now = chain.microseconds(now)
    sealed: list[tuple[int, int, int, int, bytes, bytes]] = []
    for book in books:
        head, link = known.state.heads[book], known.chains[book]
        number, first = link.last_batch + 1, head.last_seq - len(lines[book]) + 1
        header = f"{book}|{number}|{first}|{head.last_seq}|{at_now}"
        sealed.append((book, number, first, head.last_seq, link.head_hash, chain.seal(link.head_hash, header, lines[book])))
        known.chains[book] = Chain(number, sealed[-1][-1])
    numbers, lasts, hashes = (
        array([row[1] for row in sealed]),
        array([row[3] for row in sealed]),
        _bytes(row[5] for row in sealed),
    )
    firsts, before = array([row[2] for row in sealed]), _bytes(row[4] for row in sealed)
    exchange.ask(BATCHES, [now.isoformat(), array(books), numbers, firsts, lasts, before, hashes])
    last_lots = array([known.state.heads[each].last_lot for each in books])
    exchange.ask(HEADS, [now.isoformat(), array(books), lasts, last_lots, numbers, hashes])


def _bytes(values: Iterable[bytes]) -> str:
    return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"


def _images(exchange: Exchange, state: State) -> None:
    """Lots, holds, states and counters as they are after the batch; a lot made and changed in one batch is written once."""
    fresh = {(wallet.book, lot.id) for wallet, lot in state.new_lots}
    if state.new_lots:
        rows = [
            (w.book, w.id, lot.id, lot.asset, int(lot.bucket), lot.amount, lot.remaining, lot.held, _iso(lot.expires_at),
             _iso(lot.granted_at), lot.terms, lot.funding, lot.made_by)
            for w, lot in state.new_lots
        ]  # fmt: skip
        exchange.ask(NEW_LOTS, _columns(rows, texts_at={11}))
    if rows_ := [
        (w.book, w.id, lot.id, lot.remaining, lot.held) for key, (w, lot) in state.changed_lots.items() if key not in fresh
    ]:
        exchange.ask(LOTS, _columns(rows_))
    promised = {(wallet.book, hold.id) for wallet, hold in state.new_holds}
    if state.new_holds:
        new_holds = [
            (w.book, hold.id, w.id, hold.asset, hold.amount, hold.captured, hold.released, _iso(hold.expires_at),
             array(part[0] for part in hold.parts), array(part[1] for part in hold.parts))
            for w, hold in state.new_holds
        ]  # fmt: skip
        exchange.ask(NEW_HOLDS, _columns(new_holds, texts_at={8, 9}))
    if holds := [
        (w.book, hold.id, hold.captured, hold.released, array(part[1] for part in hold.parts))
        for key, (w, hold) in state.changed_holds.items()
        if key not in promised
    ]:
        exchange.ask(HOLDS, _columns(holds, texts_at={4}))
    if states := [(w.book, w.id, int(w.standing), w.day, w.topped_up, w.charged) for w in state.changed_wallets.values()]:
        exchange.ask(STATES, _columns(states))
    if answered := [(book, seq, array(posted.given_back)) for (book, seq), posted in state.answered.items()]:
        exchange.ask(GIVEN_BACK, _columns(answered, texts_at={2}))


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _columns(rows: Sequence[tuple[Any, ...]], texts_at: Iterable[int] = ()) -> list[str]:
    quoted = set(texts_at)
    return [texts(column) if place in quoted else array(column) for place, column in enumerate(zip(*rows, strict=True))]


def _totals(exchange: Exchange, records: Iterable[Record]) -> None:
    """Company accounts move by the other side of every leg, once a batch."""
    totals: dict[tuple[int, int, int], int] = {}
    for record in records:
        for leg in record.legs:
            if leg.amount:
                lot = leg.lot
                place = (record.book, system_total(leg.account), lot.pot)
                totals[place] = totals.get(place, 0) + (leg.amount if lot.bucket == Bucket.DEBT else -leg.amount)
    if totals:
        exchange.ask(TOTALS, _columns([(*place, total) for place, total in sorted(totals.items())]))


class Landed:
    """Where an operation landed: what its documents need to know."""

    __slots__ = ("amount", "book", "seq", "time")

    def __init__(self, record: Record, time: datetime) -> None:
        self.book, self.seq, self.time, self.amount = record.book, record.seq, time, record.amount


def _documents(exchange: Exchange, records: Iterable[Record], now: datetime) -> None:
    by_kind: dict[type[Document], list[tuple[Landed, Document]]] = {}
    for record in records:
        if record.operation is not None and record.refusal is None and record.operation.documents:
            landed = Landed(record, now)
            for document in record.operation.documents:
                by_kind.setdefault(type(document), []).append((landed, document))
    for kind, rows in by_kind.items():
        kind.write(exchange, rows)
