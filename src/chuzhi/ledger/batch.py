"""Lock, replay, decide, record: one batch on one connection, in whatever transaction that is in."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from chuzhi.ledger import outcomes, reading, writing
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.reading import Known
from chuzhi.ledger.rows import Raw
from chuzhi.ledger.rules.engine import Record, perform
from chuzhi.ledger.rules.state import Clock


@cache
def shop_zone() -> ZoneInfo:
    return ZoneInfo(str(settings.TIME_ZONE))


def run(connection: Raw, operations: Sequence[Operation], *, now: datetime | None = None) -> list[Outcome]:
    """Answer every operation, in order. `now` is for programs with a clock of their own (tests, replays of a past)."""
    clock = Clock(now, reading.day_of(now, shop_zone())) if now else None
    known = reading.lock_and_read(connection, operations, clock=clock, zone=shop_zone())
    time = known.state.clock.now
    records: list[Record] = []
    answers: list[Outcome] = []
    seen: dict[tuple[int, uuid.UUID], tuple[uuid.UUID, Outcome]] = {}
    for asked in operations:
        place = (asked.book, asked.key_hash())
        answer = _known_answer(known, seen, asked, place, time)
        if answer is None:
            for record in perform(known.state, asked):
                records.append(record)
            answer = outcomes.of_record(records[-1], time)
            seen[place] = (asked.fingerprint(), answer)
        answers.append(answer)
    if records:
        writing.write(connection, known, records)
    return answers


def _known_answer(
    known: Known,
    seen: dict[tuple[int, uuid.UUID], tuple[uuid.UUID, Outcome]],
    asked: Operation,
    place: tuple[int, uuid.UUID],
    time: datetime,
) -> Outcome | None:
    """What this key was answered before: in the journal, or earlier in this very batch."""
    row = known.rows.get(place)
    if row is not None:
        fingerprint, answer = row[18], outcomes.of_row(row)
    elif place in seen:
        fingerprint, first = seen[place]
        answer = _as_replay(first)
    else:
        return None
    if fingerprint != asked.fingerprint():
        return outcomes.of_reused_key(asked.book, asked.wallet, asked.kind, time)
    return answer


def _as_replay(first: Outcome) -> Outcome:
    return Outcome(
        first.book, first.seq, first.wallet, first.kind, first.asset, first.amount, first.refusal, first.legs, first.balances,
        first.ref_seq, first.time, replayed=True,
    )  # fmt: skip
