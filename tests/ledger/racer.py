"""A process of its own that asks the ledger for many things at once: `python -m ledger.racer`.

Each line it reads is a round: a JSON list of {"kind", fields}. A thread for each waits at one barrier, then posts through the
poster. With `--die-at POINT` the process kills itself, without warning, when it comes to that point. With `--clients` a
round is one of `clients.live` instead.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django


def die(*_args: object, **_more: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Make the process die at a named moment of a batch."""
    from chuzhi.ledger import batch, poster, writing

    run, attempt = batch.run, poster.Lane._attempt

    def run_then_die(*args: Any, **more: Any) -> Any:
        run(*args, **more)
        die()

    def attempt_then_die(self: poster.Lane, operations: Any) -> Any:
        attempt(self, operations)
        die()

    points: dict[str, Callable[[], None]] = {
        "before_begin": lambda: setattr(poster.Lane, "_attempt", die),
        "mid_write": lambda: setattr(writing, "_images", die),
        "before_commit": lambda: setattr(batch, "run", run_then_die),
        "after_commit": lambda: setattr(poster.Lane, "_attempt", attempt_then_die),
    }
    points[point]()


def read(line: str) -> list[Any]:
    """The operations of one round."""
    return [revived(values) for values in json.loads(line)]


def revived(values: dict[str, Any]) -> Any:
    """An operation from what `racing.plain` made of it."""
    from chuzhi.ledger import operations
    from chuzhi.ledger.chart import Bucket

    values = _with_times(values)
    for name in {"grants", "earns"} & values.keys():
        values[name] = tuple(
            operations.Grant(**(_with_times(each) | {"bucket": Bucket(each["bucket"])})) for each in values[name]
        )
    if "takes_back" in values:
        values["takes_back"] = tuple(tuple(each) for each in values["takes_back"])
    for name in {"top_ups", "lots_of"} & values.keys():
        values[name] = tuple(values[name])
    return getattr(operations, values.pop("kind"))(**values)


def _with_times(values: dict[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name == "expires_at" and value else value for name, value in values.items()}


def ask_all(asked: list[Any]) -> None:
    """A thread each, all at one moment; a line an answer, and an empty line at the end."""
    from django.db import connections

    from chuzhi.ledger import posting

    barrier, printing = threading.Barrier(len(asked)), threading.Lock()

    def ask(operation: Any) -> None:
        barrier.wait()
        outcome = posting.post([operation])[0]
        connections.close_all()
        said = outcome.refusal.code if outcome.refusal else None
        answer = {"key": operation.key, "seq": outcome.seq, "amount": outcome.amount, "refusal": said}
        with printing:
            print(json.dumps(answer | {"replayed": outcome.replayed}), flush=True)

    threads = [threading.Thread(target=ask, args=(operation,)) for operation in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--die-at")
    parser.add_argument("--clients", action="store_true")
    given = parser.parse_args()
    django.setup()
    logging.disable()
    if given.die_at:
        arm(given.die_at)
    from ledger import clients

    for line in sys.stdin:
        if given.clients:
            clients.live(line)
        else:
            ask_all(read(line))


if __name__ == "__main__":
    main()
