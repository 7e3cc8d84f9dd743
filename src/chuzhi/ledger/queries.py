"""What the journal says: one operation, a wallet's entries, its lots, and what it held at any moment."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from chuzhi.ledger import errors, outcomes
from chuzhi.ledger.chart import Bucket, Kind, Standing
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.reading import OPERATION_COLUMNS

AT = """
    SELECT l.asset * 10 + l.bucket, m.units, m.held, coalesce(l.expires_at <= %(moment)s, FALSE)
    FROM (
        SELECT leg.lot, sum(leg.units)::bigint AS units,
            sum(CASE WHEN h.expires_at <= %(moment)s THEN 0 ELSE leg.held END)::bigint AS held
        FROM ledger_operation o
        CROSS JOIN LATERAL unnest(o.lots, o.amounts, o.promises) leg(lot, units, held)
        LEFT JOIN ledger_hold h ON h.book = o.book AND h.id = CASE o.kind WHEN %(hold)s THEN o.seq ELSE o.ref_seq END
        WHERE o.book = %(book)s AND o.wallet = %(wallet)s AND o.refusal IS NULL AND o.effective_at <= %(moment)s
          AND (%(known_at)s::timestamptz IS NULL OR o.time <= %(known_at)s)
        GROUP BY leg.lot
    ) m
    CROSS JOIN LATERAL (
        SELECT asset, bucket, expires_at FROM ledger_lot
        WHERE book = %(book)s AND wallet = %(wallet)s AND id = m.lot
        OFFSET 0
    ) l"""
# OFFSET 0 has each lot looked up by its key. As a plain join the planner, who expects few lots a wallet, compares each with each.

THROUGH = """
    SELECT coalesce(sum(moved) FILTER (WHERE moved > 0), 0)::bigint, coalesce(-sum(moved) FILTER (WHERE moved < 0), 0)::bigint,
        count(*)
    FROM (
        SELECT sum(CASE WHEN leg.pot %% 10 = %(debt)s THEN -leg.amount ELSE leg.amount END) AS moved
        FROM ledger_book_head h
        CROSS JOIN LATERAL (
            SELECT coalesce(max(last_seq), 0) AS seq FROM (
                SELECT last_seq FROM ledger_batch WHERE book = h.book AND time < %(since)s ORDER BY batch_no DESC LIMIT 1
            ) before
        ) earlier
        JOIN ledger_operation o ON o.book = h.book AND o.seq > earlier.seq
        CROSS JOIN LATERAL unnest(o.leg_pots, o.accounts, o.amounts) leg(pot, account, amount)
        WHERE o.till = %(till)s AND o.time >= %(since)s AND o.time < %(until)s AND o.refusal IS NULL
          AND leg.account = %(account)s AND leg.pot / 10 = %(asset)s
        GROUP BY o.book, o.seq
    ) each_operation"""
# A book's time never goes back, so walking its batches from the newest finds where the stretch begins without an index.

ENTRY_COLUMNS = f"{OPERATION_COLUMNS}, o.actor, o.store, o.till, o.details"
LOT_COLUMNS = "id, asset, bucket, amount, remaining, held, expires_at, granted_at, terms, funding, made_by"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal, as it is told to people and programs."""

    outcome: Outcome
    effective_at: datetime
    actor: str
    store: int | None
    till: int | None
    details: str


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot as it stands. Amounts in minor units of the asset."""

    id: int
    asset: int
    bucket: int
    amount: int
    remaining: int
    held: int
    expires_at: datetime | None
    granted_at: datetime
    terms: int | None
    funding: str
    made_by: int

    def has_expired(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at


@dataclass(frozen=True, slots=True)
class Flow:
    """What came into one of the company's accounts and what went out of it, in minor units, by how many operations."""

    came: int
    went: int
    count: int


A_LONG_TIME = timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise of what is left of certain top-ups (their seqs). Without a cause it is what is asked back."""

    hold: int
    amount: int
    until: datetime
    cause: str
    top_ups: tuple[int, ...]
    reference: str

    @property
    def has_an_end(self) -> bool:
        """Whether its time says anything: some are held as long as it takes."""
        return self.until < timezone.now() + A_LONG_TIME


def through(account: int, *, till: int, asset: int, since: datetime, until: datetime) -> Flow:
    """Money paid and paid back at a till by way of an account, in a stretch of the ledger's own time."""
    facts: dict[str, int | datetime] = {"account": account, "till": till, "asset": asset, "since": since, "until": until}
    facts["debt"] = int(Bucket.DEBT)
    with connection.cursor() as cursor:
        cursor.execute(THROUGH, facts)
        row = cursor.fetchone()
    return Flow(*row) if row else Flow(0, 0, 0)


def operation(book: int, seq: int) -> Entry | None:
    found = _entries("o.book = %s AND o.seq = %s", [book, seq], limit=1)
    return found[0] if found else None


def key_of(book: int, seq: int) -> str | None:
    """What an operation was asked under, as `by_key` finds it; None: nothing is there, or it had none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_hash FROM ledger_operation WHERE book = %s AND seq = %s", [book, seq])
        row = cursor.fetchone()
    return row[0].hex if row and row[0] else None


def entries(book: int, wallet: int, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """A wallet's operations, newest first, refusals too. `before` is the seq of the last one already seen."""
    older, seq = ("", []) if before is None else (" AND o.seq < %s", [before])
    return _entries(f"o.book = %s AND o.wallet = %s{older}", [book, wallet, *seq], limit=limit)


def answering(book: int, wallet: int, seq: int) -> list[Entry]:
    """What was done about an earlier operation of a wallet: refunds, captures, releases, oldest first."""
    found = _entries("o.book = %s AND o.wallet = %s AND o.seq > %s AND o.ref_seq = %s", [book, wallet, seq, seq], limit=1000)
    return found[::-1]


def latest(book: int, wallet: int, kind: Kind) -> Entry | None:
    """The last thing of a kind that was done to a wallet."""
    found = _entries("o.book = %s AND o.wallet = %s AND o.kind = %s AND o.refusal IS NULL", [book, wallet, int(kind)], limit=1)
    return found[0] if found else None


def open_disputes(book: int, wallet: int) -> list[Entry]:
    """Payments that a bank takes back and of which it has not said yet how that ends, newest first."""
    return _entries(
        """o.book = %s AND o.wallet = %s AND o.kind = %s AND o.refusal IS NULL AND NOT EXISTS (
             SELECT 1 FROM ledger_operation e WHERE e.book = o.book AND e.wallet = o.wallet AND e.seq > o.seq
               AND e.kind = %s AND e.ref_seq = o.seq AND e.refusal IS NULL)""",
        [book, wallet, int(Kind.DISPUTE), int(Kind.DISPUTE_END)],
        limit=100,
    )


def by_key(book: int, key_hash: str) -> Entry | None:
    """Did it happen? The operation that a key was used for, done or refused; None: nothing was recorded under it."""
    found = _entries("o.book = %s AND o.key_hash = %s", [book, key_hash], limit=1)
    return found[0] if found else None


def answer_to(asked: Operation) -> Outcome | None:
    """The stored answer to a request made before, as the ledger would give it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {OPERATION_COLUMNS} FROM ledger_operation o WHERE o.book = %s AND o.key_hash = %s",  # constants
            [asked.book, asked.key_hash()],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if row[18].hex != asked.fingerprint():
        raise errors.KeyReused
    return outcomes.worded(outcomes.of_row(row))


def lots(book: int, wallet: int, *, only_open: bool = True, after: int = 0, limit: int | None = None) -> list[LotLine]:
    """Lots by number, after the last one already seen."""
    condition = "AND open" if only_open else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {LOT_COLUMNS} FROM ledger_lot
                WHERE book = %s AND wallet = %s AND id > %s {condition} ORDER BY id LIMIT %s""",  # constants
            [book, wallet, after, limit],
        )
        return [LotLine(*row) for row in cursor.fetchall()]


def lots_numbered(book: int, wallet: int, numbers: Iterable[int]) -> dict[int, LotLine]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {LOT_COLUMNS} FROM ledger_lot WHERE book = %s AND wallet = %s AND id = ANY(%s)",  # constants
            [book, wallet, list(numbers)],
        )
        return {row[0]: LotLine(*row) for row in cursor.fetchall()}


def lapsed(book: int, wallet: int, now: datetime) -> dict[int, int]:
    """Per lot, what open holds whose time has come still keep, because nobody has swept them yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT part.lot, sum(part.units)::bigint
               FROM ledger_hold h CROSS JOIN LATERAL unnest(h.lots, h.parts) part(lot, units)
               WHERE h.book = %s AND h.wallet = %s AND h.open AND h.expires_at <= %s GROUP BY part.lot""",
            [book, wallet, now],
        )
        return dict(cursor.fetchall())


def left_to_give_back(book: int, seq: int) -> int:
    """What of a charge or capture has not gone back to its lots yet, in minor units of its asset; 0 for anything else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(-leg.amount - coalesce(leg.back, 0)), 0)::bigint
               FROM ledger_operation o LEFT JOIN ledger_given_back g ON g.book = o.book AND g.seq = o.seq
               CROSS JOIN LATERAL unnest(o.leg_pots, o.amounts, g.per_leg) leg(pot, amount, back)
               WHERE o.book = %s AND o.seq = %s AND o.refusal IS NULL AND o.kind = ANY(%s)
                 AND leg.amount < 0 AND leg.pot / 10 = o.asset AND leg.pot %% 10 <> %s""",
            [book, seq, [int(Kind.CHARGE), int(Kind.CAPTURE)], int(Bucket.DEBT)],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def standing(book: int, wallet: int) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute("SELECT standing FROM ledger_wallet_state WHERE book = %s AND wallet = %s", [book, wallet])
        row = cursor.fetchone()
    return Standing(row[0]) if row else Standing.OPEN


def used(book: int, wallet: int, day: date) -> tuple[int, int]:
    """What was topped up and charged on this day so far, in minor units, where a daily limit counts it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT topped_up, charged FROM ledger_wallet_state WHERE book = %s AND wallet = %s AND day = %s",
            [book, wallet, day],
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, 0)


def topped_up(
    book: int, wallets: Iterable[int], asset: int, since: datetime, *, method: int | None = None, channel: str = ""
) -> int:
    """What was paid into these wallets of a book since a moment, in minor units; by one method or through one channel only."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(o.amount), 0)::bigint FROM ledger_operation o
               CROSS JOIN LATERAL (SELECT nullif(o.details, '')::jsonb AS own) d
               WHERE o.book = %(book)s AND o.wallet = ANY(%(wallets)s) AND o.kind = %(kind)s AND o.refusal IS NULL
                 AND o.asset = %(asset)s AND o.time >= %(since)s AND (d.own ->> 'method')::int > 0
                 AND (%(method)s::int IS NULL OR (d.own ->> 'method')::int = %(method)s)
                 AND (%(channel)s = '' OR d.own ->> 'channel' = %(channel)s)""",
            {
                "book": book, "wallets": list(wallets), "kind": int(Kind.TOP_UP), "asset": asset, "since": since,
                "method": method, "channel": channel,
            },
        )  # fmt: skip
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def went(book: int, wallet: int) -> dict[tuple[int, Kind], int]:
    """Net units that left each lot of a wallet, by the kind of operation that took them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT leg.lot, o.kind, -sum(leg.amount)::bigint FROM ledger_operation o
               CROSS JOIN LATERAL unnest(o.lots, o.amounts) leg(lot, amount)
               WHERE o.book = %s AND o.wallet = %s AND o.refusal IS NULL AND leg.amount <> 0 GROUP BY leg.lot, o.kind""",
            [book, wallet],
        )
        return {(lot, Kind(kind)): units for lot, kind, units in cursor.fetchall()}


def kept(book: int, wallet: int) -> list[Kept]:
    """What is promised of certain top-ups, and why, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.id, h.amount - h.captured - h.released, h.expires_at, o.details FROM ledger_hold h
               JOIN ledger_operation o ON o.book = h.book AND o.seq = h.id
               WHERE h.book = %s AND h.wallet = %s AND h.open AND h.expires_at > now() AND o.details LIKE '%%"top_ups":%%'
               ORDER BY h.id""",
            [book, wallet],
        )
        return [_kept(*row) for row in cursor.fetchall()]


def open_holds(book: int, wallet: int) -> frozenset[int]:
    """The numbers of holds that can be taken or let go: open, in time, and kept for nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.id FROM ledger_hold h JOIN ledger_operation o ON o.book = h.book AND o.seq = h.id
               WHERE h.book = %s AND h.wallet = %s AND h.open AND h.expires_at > now() AND o.details NOT LIKE '%%"top_ups":%%'""",
            [book, wallet],
        )
        return frozenset(number for (number,) in cursor.fetchall())


def kept_for(book: int, hold: int) -> str | None:
    """The cause for which a hold (its number) keeps certain top-ups, empty where they are asked back. None: no such hold."""
    found = operation(book, hold)
    said = json.loads(found.details) if found and found.outcome.kind is Kind.HOLD else {}
    return said.get("cause", "") if said.get("top_ups") else None


def _kept(hold: int, amount: int, until: datetime, details: str) -> Kept:
    said = json.loads(details)
    return Kept(hold, amount, until, said.get("cause", ""), tuple(said["top_ups"]), said.get("reference", ""))


def tally(book: int, wallet: int, since: datetime) -> dict[Kind, tuple[int, int]]:
    """How often each kind of thing was done to a wallet since a moment, and how much it moved; refusals left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT kind, count(*), coalesce(sum(amount), 0)::bigint FROM ledger_operation
               WHERE book = %s AND wallet = %s AND refusal IS NULL AND time >= %s GROUP BY kind""",
            [book, wallet, since],
        )
        return {Kind(kind): (count, amount) for kind, count, amount in cursor.fetchall()}


def has_paid_in(book: int, wallets: Iterable[int]) -> bool:
    """Whether a top-up of these wallets, all of one book, was ever paid for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM ledger_operation
                 WHERE book = %s AND wallet = ANY(%s) AND kind = %s AND refusal IS NULL AND amount > 0)""",
            [book, list(wallets), int(Kind.TOP_UP)],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def at(book: int, wallet: int, moment: datetime, *, known_at: datetime | None = None) -> dict[int, tuple[int, int]]:
    """What the wallet held at a moment, by pot: (units, promised units).

    Sums what is effective by then; lots that had expired and holds that had lapsed by then count as such, even where the ledger
    came to write it down later. `known_at` leaves out what was recorded after it: what we would have answered on that day.
    """
    with connection.cursor() as cursor:
        facts: dict[str, int | datetime | None] = {
            "book": book,
            "wallet": wallet,
            "moment": moment,
            "known_at": known_at,
            "hold": int(Kind.HOLD),
        }
        cursor.execute(AT, facts)
        rows = cursor.fetchall()
    pots: dict[int, tuple[int, int]] = {}
    for pot, units, held, has_expired in rows:
        before = pots.get(pot, (0, 0))
        pots[pot] = (before[0] + (held if has_expired else units), before[1] + held)
    return {pot: figures for pot, figures in pots.items() if any(figures)}


def _entries(condition: str, parameters: Sequence[int | str], *, limit: int) -> list[Entry]:
    """Newest first. The conditions are literals of this module."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM ledger_operation o WHERE {condition} ORDER BY o.seq DESC LIMIT {limit:d}",
            parameters,
        )
        return [entry_of(row) for row in cursor.fetchall()]


def said_of(entry: Entry) -> dict[str, Any]:
    """What else was asked and which terms applied."""
    said: dict[str, Any] = json.loads(entry.details) if entry.details else {}
    return said


def entry_of(row: Sequence[Any]) -> Entry:
    """From a journal row as ENTRY_COLUMNS selects it."""
    return Entry(outcomes.worded(outcomes.of_row(row, replayed=False)), row[16], row[21], row[22], row[23], row[24])
