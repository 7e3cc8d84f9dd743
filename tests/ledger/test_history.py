"""Many clients in several processes, some of them killed: does the journal agree with what each of them was told?

Each client's diary is kept outside its process. Afterwards the journal is replayed, book by book, in the independent model;
every answer that anybody got must be the model's; what was over before something else began must come before it; and what
nobody heard the end of is in the journal once or not at all.

Killing processes does not test fsync: the operating system keeps what they wrote.
"""

import json
import os
import random
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from ledger import racing
from ledger.model import Entry, Model
from ledger.racer import revived

from chuzhi.ledger import posting
from chuzhi.ledger.models import Batch
from chuzhi.ledger.models import Operation as Row
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.proof import verification
from product import wait_until

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

PROCESSES, CLIENTS, ASKS = 2, 6, 40
Meaning = tuple[int, str, str]
"""Book, key and fingerprint: one request, however often it was made."""


@dataclass
class Request:
    """What the diaries know of one request, over all who made it."""

    operation: Operation
    first_asked_at: int
    told: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Told:
    """The whole history: requests by meaning, how many of their answers nobody heard, and how many asks there were."""

    requests: dict[Meaning, Request]
    asks: int = 0
    unheard: int = 0


def live_through(rounds: int, kills: set[int], folder: Path, draw: random.Random) -> None:
    """Rounds of two processes on wallets of their own; in some, one of them is killed in the middle."""
    living: list[subprocess.Popen[str]] = []
    for number in range(rounds):
        while len(living) < PROCESSES:
            living.append(racing.start("--clients"))
        here, there = number % settings.LEDGER_BOOKS, (number + 1) % settings.LEDGER_BOOKS
        places = [(here, 10 * number + 1), (here, 10 * number + 2), (there, 10 * number + 3)]
        for which, process in enumerate(living):
            facts = {"folder": str(folder), "name": f"{number}-{which}", "seed": draw.randrange(10**6), "places": places}
            begin(process, facts)
        if number in kills:
            which = draw.randrange(PROCESSES)
            kill_when_written(living[which], folder, f"{number}-{which}", draw)
            racing.stop(living.pop(which))
        for process in living:
            racing.hear(process)
    for process in living:
        racing.stop(process)


def begin(process: "subprocess.Popen[str]", given: dict[str, Any]) -> None:
    assert process.stdin is not None
    print(json.dumps(given | {"clients": CLIENTS, "asks": ASKS}), file=process.stdin, flush=True)


def kill_when_written(process: "subprocess.Popen[str]", folder: Path, name: str, draw: random.Random) -> None:
    """At a moment drawn at random among those in which its clients are at work."""
    enough = draw.randrange(1, CLIENTS * ASKS * 400)  # bytes: an ask and its answer are some six hundred
    patience = time.monotonic() + 60
    while sum(path.stat().st_size for path in folder.glob(f"{name}-*.jsonl")) < enough:
        assert time.monotonic() < patience, "its clients stopped asking"
        time.sleep(0.001)
    time.sleep(draw.random() / 200)
    process.kill()


def read(folder: Path) -> Told:
    history = Told({})
    for path in sorted(folder.glob("*.jsonl")):
        waiting: Meaning | None = None
        for text in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not text.endswith("\n"):
                break  # killed while it wrote down an answer: nobody has read it
            line = json.loads(text)
            if "asks" in line:
                history.unheard += waiting is not None
                operation = revived(line["asks"])
                waiting = (operation.book, operation.key_hash(), operation.fingerprint())
                request = history.requests.setdefault(waiting, Request(operation, line["at"]))
                request.first_asked_at = min(request.first_asked_at, line["at"])
                history.asks += 1
            elif "told" in line:
                assert waiting is not None
                history.requests[waiting].told.append((line["at"], line["told"]))
                waiting = None
        history.unheard += waiting is not None
    return history


def replay(history: Told) -> Model:
    """The journal's requests once more, in its order and its batches, answered by the model."""
    model = Model(str(settings.TIME_ZONE))
    batches = list(Batch.objects.order_by("book", "batch_no").values_list("book", "first_seq", "last_seq", "time"))
    rows = {(row.book, row.seq): row for row in Row.objects.all()}
    for book, first, last, at in batches:
        asked = [rows[book, seq] for seq in range(first, last + 1) if rows[book, seq].key_hash is not None]
        model.post([history.requests[row.book, row.key_hash.hex, row.fingerprint.hex].operation for row in asked], at)
    for book, wrote in groupby(sorted(rows), key=lambda place: place[0]):
        expected = [whole(entry) for entry in model.journal[book]]
        assert [kept(rows[place]) for place in wrote] == expected
    return model


def whole(entry: Entry) -> tuple[Any, ...]:
    code = entry.refusal[0] if entry.refusal else None
    return (entry.seq, entry.wallet, entry.kind, entry.asset, entry.amount, code, entry.written, entry.balances, entry.ref_seq)


def kept(row: Row) -> tuple[Any, ...]:
    legs = list(zip(row.lots, row.leg_pots, row.accounts, row.amounts, row.promises, strict=True))
    after = {pot: (units, held) for pot, units, held in zip(row.pots, row.balances, row.helds, strict=True)}
    return (row.seq, row.wallet, row.kind, row.asset, row.amount, row.refusal, legs, after, row.ref_seq)


def compare_answers(history: Told, model: Model) -> None:
    """Everything that anybody was told is what the model says; of those who asked the same, one was first at most."""
    for request in history.requests.values():
        asked = request.operation
        entry = model.keys[asked.book, asked.by, asked.wallet, asked.key][1] if request.told else None
        for _at, told in request.told:
            assert entry is not None
            if told["refusal"] and told["refusal"][0] == "idempotency.key_reused":
                assert model.post([asked], model.times[asked.book]) == [(None, False)]
                continue
            refusal = list(entry.refusal) if entry.refusal else None
            legs = [list(leg) for leg in entry.written]
            balances = {str(pot): list(figures) for pot, figures in entry.balances.items()}
            expected = (asked.book, entry.seq, entry.kind, entry.asset, entry.amount, refusal, legs, balances, entry.ref_seq)
            assert tuple(told[name] for name in list(told)[:-1]) == expected
        assert sum(not told["replayed"] for _at, told in request.told if told["seq"]) <= 1


def compare_order(history: Told) -> None:
    """In a book, what was answered before another request was first made has the smaller number."""
    books: dict[int, list[tuple[int, Request]]] = defaultdict(list)
    for row in Row.objects.exclude(key_hash=None).only("book", "seq", "key_hash", "fingerprint"):
        books[row.book].append((row.seq, history.requests[row.book, row.key_hash.hex, row.fingerprint.hex]))
    for requests in books.values():
        first_answer_after: float = float("inf")
        for seq, request in sorted(requests, key=lambda each: each[0], reverse=True):
            assert request.first_asked_at <= first_answer_after, f"seq {seq} was asked when a later one had been answered"
            first_answer_after = min([first_answer_after, *(at for at, told in request.told)])


def resolve_unknowns(history: Told) -> int:
    """Asked again, what was recorded is answered from there, the rest happens now; answers how many had happened unheard."""
    unheard = [request.operation for request in history.requests.values() if not request.told]
    kept_before = {row.key_hash.hex: row.seq for row in Row.objects.filter(key_hash__in=[each.key_hash() for each in unheard])}
    had_happened = 0
    for asked in unheard:
        answer = posting.post([asked])[0]
        if answer.seq:  # else its key went to another request, as that one's caller was told
            assert answer.replayed == (asked.key_hash() in kept_before)
            assert answer.seq == kept_before.get(asked.key_hash(), answer.seq)
            had_happened += answer.replayed
    return had_happened


def wait_for_the_dead() -> None:
    """A killed client's last COMMIT may still be on its way."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + str(connections["owner"].settings_dict["NAME"])
    living = """SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'chuzhi-ledger' AND datname = current_database() AND state <> 'idle'"""
    with psycopg.connect(url, autocommit=True) as owner:
        wait_until(lambda: owner.execute(living).fetchone() == (0,), "the killed clients' backends are gone")


def prove(rounds: int, kills: set[int], folder: Path, seed: int) -> tuple[Told, Model]:
    live_through(rounds, kills, folder, random.Random(seed))
    wait_for_the_dead()
    history = read(folder)
    model = replay(history)
    compare_answers(history, model)
    compare_order(history)
    happened = resolve_unknowns(history)
    connection.ensure_connection()
    report = verification.verify(connection.connection, deep=True)
    assert report.findings == []
    print(f"{history.asks} asks, {report.operations} records, {history.unheard} unheard, of which {happened} had happened")
    return history, model


def test_the_journal_agrees_with_everybody(tmp_path: Path) -> None:
    history, model = prove(2, {1}, tmp_path, seed=20260301)

    assert history.asks > PROCESSES * CLIENTS * ASKS
    assert history.unheard > 0
    notices_a_lie(history, model)


def notices_a_lie(history: Told, model: Model) -> None:
    """A check that cannot fail proves nothing: one fen in one answer, and one answer before its time."""
    told = [request for request in history.requests.values() if request.told]
    late = max(told, key=lambda request: request.told[0][1]["seq"])
    at, answer = late.told[0]
    late.told[0] = (at, answer | {"amount": answer["amount"] + 1})
    with pytest.raises(AssertionError):
        compare_answers(history, model)
    late.told[0] = (0, answer)
    with pytest.raises(AssertionError):
        compare_order(history)


@pytest.mark.soak
def test_the_journal_agrees_with_everybody_after_two_hundred_kills(tmp_path: Path) -> None:
    history, _model = prove(220, set(range(20, 220)), tmp_path, seed=time.time_ns())

    assert history.unheard >= 200
