"""Lock, replay, decide, record: one batch on one connection, in whatever transaction that is in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from chuzhi.ledger import outcomes, reading, writing
from chuzhi.ledger.operations import Operation, Wake
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.reading import Known
from chuzhi.ledger.rows import Exchange
from chuzhi.ledger.rules.engine import Record, perform, stir
from chuzhi.ledger.rules.state import Clock


@cache
def shop_zone() -> ZoneInfo:
    return ZoneInfo(str(settings.TIME_ZONE))


def run(exchange: Exchange, operations: Sequence[Operation], *, now: datetime | None = None) -> list[Outcome]:
    """Answer every operation, in order. The last statements are asked and not sent yet: so a COMMIT can travel with them.

    `now` is for programs with a clock of their own (tests, replays of a past).
    """
    clock = Clock(now, reading.day_of(now, shop_zone())) if now else None
    keyed = [(asked, asked.key_hash(), asked.fingerprint()) for asked in operations]
    known = reading.lock_and_read(exchange, keyed, clock=clock, zone=shop_zone())
    time = known.state.clock.now
    records: list[Record] = []
    answers: list[Outcome] = []
    seen: dict[tuple[int, str], tuple[str, Outcome]] = {}
    for asked, key_hash, fingerprint in keyed:
        answer = _known_answer(known, seen, asked, key_hash, fingerprint)
        if answer is None:
            records += perform(known.state, asked)
            records[-1].key_hash, records[-1].fingerprint = key_hash, fingerprint
            answer = outcomes.of_record(records[-1], time)
            seen[asked.book, key_hash] = (fingerprint, answer)
        answers.append(answer)
    if records:
        writing.write(exchange, known, records)
    return answers


def wake(exchange: Exchange, places: Sequence[tuple[int, int]]) -> int:
    """Let time act on these wallets (book, wallet) and answer how many records that made. Ends as `run` does."""
    nobody = "0" * 32
    keyed = [(Wake(book=book, wallet=wallet), nobody, nobody) for book, wallet in places]
    known = reading.lock_and_read(exchange, keyed, clock=None, zone=shop_zone())
    records = [record for place in places for record in stir(known.state, place)]
    if records:
        writing.write(exchange, known, records)
    return len(records)


def _known_answer(
    known: Known, seen: dict[tuple[int, str], tuple[str, Outcome]], asked: Operation, key_hash: str, fingerprint: str
) -> Outcome | None:
    """What this key was answered before: in the journal, or earlier in this very batch."""
    row = known.rows.get((asked.book, key_hash))
    if row is not None:
        owner, answer = row[18].hex, outcomes.of_row(row)
    elif (asked.book, key_hash) in seen:
        owner, first = seen[asked.book, key_hash]
        answer = replace(first, replayed=True)
    else:
        return None
    if owner != fingerprint:
        return outcomes.of_reused_key(asked.book, asked.wallet, asked.kind, known.state.clock.now)
    return answer
