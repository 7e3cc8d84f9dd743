"""Many askers at once, in processes of their own, against the committed database of this test."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections

from chuzhi.ledger.operations import Operation

TESTS = Path(__file__).parent.parent
PROCESSES = 2
Answer = dict[str, Any]


_waiting: list["subprocess.Popen[str]"] = []


def race(operations: Sequence[Operation]) -> list[Answer]:
    """Each operation is asked by a thread of its own, in two processes, all at the same moment."""
    while len(_waiting) < PROCESSES:
        _waiting.append(start())
    for number, racer in enumerate(_waiting):
        send(racer, operations[number::PROCESSES])
    return [answer for racer in _waiting for answer in hear(racer)]


def start(*options: str, die_at: str | None = None, url: str | None = None) -> "subprocess.Popen[str]":
    """A racer on this test's database, or on the one at `url`."""
    program = [sys.executable, "-m", "ledger.racer", *options, *(["--die-at", die_at] if die_at else [])]
    environment = surroundings() | ({"DATABASE_URL": url} if url else {})
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def stop(racer: "subprocess.Popen[str]") -> int:
    """End it if it still runs; answers how it ended."""
    with racer:
        if racer.stdin is not None:
            racer.stdin.close()
        return racer.wait(timeout=60)


def stop_all() -> None:
    while _waiting:
        stop(_waiting.pop())


def send(racer: "subprocess.Popen[str]", operations: Sequence[Operation]) -> None:
    assert racer.stdin is not None
    print(json.dumps([plain(each) for each in operations], default=text), file=racer.stdin, flush=True)


def hear(racer: "subprocess.Popen[str]") -> list[Answer]:
    """Its answers to one round, or those it gave before it died."""
    assert racer.stdout is not None
    answers = []
    while line := racer.stdout.readline():
        if not line.strip():
            break
        answers.append(json.loads(line))
    return answers


def done(answers: Sequence[Answer]) -> list[Answer]:
    return [each for each in answers if each["refusal"] is None]


def plain(operation: Operation) -> dict[str, Any]:
    values = {name: value for name, value in asdict(operation).items() if value is not None and name != "documents"}
    return {"kind": type(operation).__name__, **values}


def text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))


def surroundings() -> dict[str, str]:
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + str(connections["owner"].settings_dict["NAME"])
    return os.environ | {"DATABASE_URL": url, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])}
