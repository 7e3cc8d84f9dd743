"""A ledger brought back from a dump, or to a moment, in the middle of its work: the same answers to every old key.

Not covered: a copy of the files without PostgreSQL's own tools, a restore onto another machine's kind of disk or collation, and
losing the data folder's secrets (whoever restores the database without them cannot read what is encrypted).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from ledger import racing
from ledger.racer import revived
from psycopg import sql

from chuzhi.config import embedded, programs
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.proof import verification
from product import wait_until

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

PLACES = [(0, 1), (0, 2), (1, 3)]
CLIENTS, ASKS = 6, 300
AT_ONCE = 50
CALM_BYTES = 40_000
"""Of the diaries: some way into the round, and far from its end, which must come after the copy is taken."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own: the user whom root hands the database to must reach it."""
    folder = Path(tempfile.mkdtemp(prefix="chuzhi-restore-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def start_load(folder: Path, url: str | None = None) -> "subprocess.Popen[str]":
    """Clients at work; comes back while they are in the middle of it."""
    (folder / "diaries").mkdir()
    process = racing.start("--clients", url=url)
    assert process.stdin is not None
    given = {"folder": str(folder / "diaries"), "name": "load", "seed": 7, "places": PLACES, "clients": CLIENTS, "asks": ASKS}
    print(json.dumps(given), file=process.stdin, flush=True)
    wait_until(lambda: written(folder) > CALM_BYTES, "the clients are at work")
    return process


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "diaries").glob("*.jsonl"))


def read(folder: Path) -> tuple[dict[str, Operation], dict[str, tuple[int, int]], dict[str, dict[str, Any]]]:
    """By key: what was asked, when it was first asked and first answered, and the answer. Keys of several bodies are left out."""
    asked: dict[str, Operation] = {}
    times: dict[str, tuple[int, int]] = {}
    told: dict[str, dict[str, Any]] = {}
    lines = [json.loads(line) for path in (folder / "diaries").glob("*.jsonl") for line in path.read_text().splitlines()]
    for line in sorted(lines, key=lambda each: int(each["at"])):
        key = str(line["asks"]["key"] if "asks" in line else line["key"])
        if key.startswith("everybodys"):
            continue
        if "asks" in line:
            asked.setdefault(key, revived(line["asks"]))
            times.setdefault(key, (line["at"], sys.maxsize))
        elif "told" in line and key not in told:
            told[key], times[key] = line["told"], (times[key][0], line["at"])
    return asked, times, told


def gives_the_old_answers(url: str, folder: Path, began: int, ended: int) -> None:
    """What was answered before `began` is there as it was; what was asked after `ended` is not; the ledger verifies."""
    asked, times, told = read(folder)
    with psycopg.connect(url, autocommit=True) as restored:
        assert verification.verify(restored, deep=True).findings == []
    answers = {each["key"]: each for each in ask_again(url, list(asked.values()))}

    assert answers.keys() == asked.keys()
    for key, answer in answers.items():
        if answer["replayed"] and key in told:
            refusal = told[key]["refusal"] and told[key]["refusal"][0]
            assert (answer["seq"], answer["amount"], answer["refusal"]) == (told[key]["seq"], told[key]["amount"], refusal)
    early = {key for key, (_first_asked, first_told) in times.items() if first_told < began}
    late = {key for key, (first_asked, _first_told) in times.items() if first_asked > ended}
    assert early
    assert late
    assert all(answers[key]["replayed"] for key in early)
    assert not any(answers[key]["replayed"] for key in late)
    with psycopg.connect(url, autocommit=True) as restored:
        assert verification.verify(restored, deep=True).findings == []


def ask_again(url: str, operations: list[Operation]) -> list[racing.Answer]:
    racer, answers = racing.start(url=url), []
    for first in range(0, len(operations), AT_ONCE):
        racing.send(racer, operations[first : first + AT_ONCE])
        answers += racing.hear(racer)
    racing.stop(racer)
    return answers


def test_a_dump_taken_in_mid_load_gives_the_old_answers(folder: Path) -> None:
    base, name = os.environ["DATABASE_URL"].rpartition("/")[0], str(connections["owner"].settings_dict["NAME"])
    found = programs.find(folder)
    dump = folder / "dumps" / "ledger.dump"
    dump.parent.mkdir()
    dump.parent.chmod(0o777)
    load = start_load(folder)

    began = time.monotonic_ns()
    dumped = found.run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={base}/{name}")
    ended = time.monotonic_ns()
    assert dumped.returncode == 0, dumped.stderr
    racing.hear(load)
    racing.stop(load)

    restored = sql.Identifier(f"{name}_restored")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(restored))
        server.execute(sql.SQL("CREATE DATABASE {}").format(restored))
        try:
            said = found.run("pg_restore", "--exit-on-error", f"--dbname={base}/{name}_restored", dump)
            assert said.returncode == 0, said.stderr
            gives_the_old_answers(f"{base}/{name}_restored", folder, began, ended)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(restored))


@pytest.mark.soak
def test_a_recovery_to_a_moment_in_mid_load_gives_the_old_answers(folder: Path) -> None:
    """A base backup and the archived log, as PostgreSQL's manual has it, with the product's own server."""
    archive = folder / "archive"
    archive.mkdir()
    archive.chmod(0o777)
    overrides = {"archive_mode": "on", "archive_command": f"cp %p {archive}/%f"}
    server = embedded.Server(folder / "first", overrides)
    again = embedded.Server(folder / "second")
    for each in (server, again):
        each.prepare_folder()
    server.start()
    try:
        environment = os.environ | {"DATABASE_URL": server.url()}
        subprocess.run([sys.executable, "-m", "chuzhi.config.cli", "migrate"], check=True, env=environment, capture_output=True)
        found = programs.find(server.data)
        backup(found, server, again)
        load = start_load(folder, server.url())
        with psycopg.connect(server.url(), autocommit=True) as owner:
            began = time.monotonic_ns()
            moment = owner.execute("SELECT clock_timestamp()").fetchall()[0][0]
            ended = time.monotonic_ns()
            racing.hear(load)
            racing.stop(load)
            segment = owner.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()[0][0]
        wait_until((archive / segment).exists, "the log is archived")
    finally:
        server.stop()

    recover(again, archive, moment.isoformat())
    try:
        gives_the_old_answers(again.url(), folder, began, ended)
    finally:
        again.stop()


def backup(found: programs.Programs, server: embedded.Server, into: embedded.Server) -> None:
    if found.user:
        os.chown(into.data, found.user.pw_uid, found.user.pw_gid)
    said = found.run("pg_basebackup", f"--dbname={server.url('postgres')}", "-D", into.cluster, "--checkpoint=fast")
    assert said.returncode == 0, said.stderr
    shutil.copy(server.note, into.note)


def recover(server: embedded.Server, archive: Path, moment: str) -> None:
    (server.cluster / "recovery.signal").touch()
    (server.cluster / "local.conf").write_text(
        f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n"
    )
    owner = server.cluster.stat()
    for name in ("recovery.signal", "local.conf"):
        os.chown(server.cluster / name, owner.st_uid, owner.st_gid)
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as there:
        wait_until(lambda: there.execute("SELECT pg_is_in_recovery()").fetchone() == (False,), "the moment is reached")
