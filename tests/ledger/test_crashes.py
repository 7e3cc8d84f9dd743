"""`kill -9` of the process, a backend or the postmaster: what was acknowledged is there once, what is there was asked.

Killing processes does not test fsync: the operating system keeps what they wrote. That is for a machine that loses its power.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import make
import psycopg
import pytest
from django.db import connections
from ledger import racing

from chuzhi.config import embedded
from chuzhi.ledger.models import Lot
from chuzhi.ledger.models import Operation as Row
from chuzhi.ledger.operations import Charge

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

POINTS = ["before_begin", "mid_write", "before_commit", "after_commit"]
CHARGES = 40


def asked(wallet: int, count: int = CHARGES) -> list[Charge]:
    return [make.charge_asked(wallet, 1_00, book=wallet % 64) for _each in range(count)]


def seqs(operations: Sequence[Charge]) -> dict[str, int]:
    """Where each of these operations stands in the journal, if it does; the journal itself refuses a key twice."""
    rows = {row.key_hash.hex: row.seq for row in Row.objects.filter(key_hash__in=[each.key_hash() for each in operations])}
    return {each.key: rows[each.key_hash()] for each in operations if each.key_hash() in rows}


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_a_named_moment_moves_money_zero_or_one_times(point: str) -> None:
    make.post_one(make.top_up_asked(1, 1000_00, book=1))
    operations = asked(1)
    doomed = racing.start(die_at=point)
    racing.send(doomed, operations)
    heard = racing.hear(doomed)
    assert racing.stop(doomed) == -signal.SIGKILL

    present = seqs(operations)
    assert {each["key"] for each in heard} <= present.keys()
    assert bool(present) == (point == "after_commit")

    retried = racing.start()
    racing.send(retried, operations)
    answers = racing.hear(retried)
    racing.stop(retried)

    assert {each["key"]: each["seq"] for each in answers if each["replayed"]} == present
    assert len(answers) == len(seqs(operations)) == CHARGES
    assert Lot.objects.get(wallet=1).remaining == 1000_00 - CHARGES * 1_00


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.soak)])
def test_a_process_killed_at_random_moments_loses_nothing_it_acknowledged(kills: int) -> None:
    brought = kills * 200 * 1_00
    make.post_one(make.top_up_asked(2, brought, book=2))
    random_, operations, heard = random.Random(2026), [], []
    for _round in range(kills):
        mine = asked(2, 200)
        operations += mine
        doomed = racing.start()
        racing.send(doomed, mine)
        assert doomed.stdout is not None
        first = doomed.stdout.readline()
        threading.Timer(random_.random() / 50, doomed.kill).start()
        heard += [first, *doomed.stdout.readlines()]
        racing.stop(doomed)

    present = seqs(operations)
    acknowledged = [racing.json.loads(line) for line in heard if line.strip().endswith("}")]
    assert {each["key"]: each["seq"] for each in acknowledged}.items() <= present.items()
    assert Lot.objects.get(wallet=2).remaining == brought - len(present) * 1_00


def test_backends_killed_in_the_middle_are_an_unknown_that_resolves_itself() -> None:
    make.post_one(make.top_up_asked(3, 10_000_00, book=3))
    operations = asked(3, 600)
    racer, over = racing.start(), threading.Event()
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + str(connections["owner"].settings_dict["NAME"])

    def kill_backends() -> None:
        with psycopg.connect(url, autocommit=True) as owner:
            while not over.wait(0.05):
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'chuzhi-ledger' AND datname = current_database()"
                )

    killer = threading.Thread(target=kill_backends)
    killer.start()
    answers = []
    for start in range(0, len(operations), 100):
        racing.send(racer, operations[start : start + 100])
        answers += racing.hear(racer)
    over.set()
    killer.join()
    racing.send(racer, operations)
    again = racing.hear(racer)
    racing.stop(racer)

    assert {each["key"]: each["seq"] for each in answers}.items() <= {each["key"]: each["seq"] for each in again}.items()
    assert len(again) == len(seqs(operations)) == 600
    assert Lot.objects.get(wallet=3).remaining == 10_000_00 - 600 * 1_00


@pytest.fixture
def server() -> Iterator[embedded.Server]:
    """One to kill: its own folder, its own port, fsync on."""
    with tempfile.TemporaryDirectory(prefix="chuzhi-crash-") as folder:
        server = embedded.Server(Path(folder))
        server.prepare_folder()
        server.start()
        yield server
        server.stop()


def test_a_killed_postmaster_loses_nothing_acknowledged(server: embedded.Server) -> None:
    environment = os.environ | {"DATABASE_URL": server.url()}
    subprocess.run([sys.executable, "-m", "chuzhi.config.cli", "migrate"], check=True, env=environment, capture_output=True)
    operations = asked(4, 100)
    first = [make.top_up_asked(4, 1000_00, book=4)]
    racer = racing.start(url=server.url())
    racing.send(racer, first)
    racing.hear(racer)
    racing.send(racer, operations)
    assert racer.stdout is not None
    heard = [racing.json.loads(racer.stdout.readline())]
    os.kill(server.pid() or 0, signal.SIGKILL)
    heard += racing.hear(racer)
    racer.kill()
    racing.stop(racer)
    time.sleep(1)
    server.start()
    survivor = racing.start(url=server.url())
    racing.send(survivor, operations)
    answers = {each["key"]: each for each in racing.hear(survivor)}
    racing.stop(survivor)

    assert all(answers[each["key"]]["seq"] == each["seq"] and answers[each["key"]]["replayed"] for each in heard)
    with psycopg.connect(server.url()) as owner:
        assert owner.execute("SELECT remaining FROM ledger_lot").fetchone() == (1000_00 - 100 * 1_00,)
