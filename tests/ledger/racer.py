"""A process of its own that asks the ledger for many things at once: `python -m ledger.racer < operations.json`.

Reads a JSON list of {"kind", fields}; a thread for each waits at one barrier, then posts through the poster. Writes one JSON
line an answer. With `--die-at POINT` the process kills itself, without warning, when it comes to that point.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--die-at")
    given = parser.parse_args()
    django.setup()
    from chuzhi.ledger import operations, posting
    from chuzhi.ledger.chart import Bucket
    from chuzhi.ledger.operations import Grant

    if given.die_at:
        arm(given.die_at)
    asked = []
    for values in json.load(sys.stdin):
        if "grants" in values:
            values["grants"] = tuple(Grant(**(each | {"bucket": Bucket(each["bucket"])})) for each in values["grants"])
        if "expires_at" in values:
            values["expires_at"] = operations.datetime.fromisoformat(values["expires_at"])
        asked.append(getattr(operations, values.pop("kind"))(**values))
    barrier, printing = threading.Barrier(len(asked)), threading.Lock()

    def ask(operation: operations.Operation) -> None:
        barrier.wait()
        outcome = posting.post([operation])[0]
        said = outcome.refusal.code if outcome.refusal else None
        with printing:
            answer = {"key": operation.key, "seq": outcome.seq, "amount": outcome.amount, "refusal": said}
            print(json.dumps(answer | {"replayed": outcome.replayed}), flush=True)

    threads = [threading.Thread(target=ask, args=(operation,)) for operation in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
