"""A process of its own that fetches a bill and compares an account: `python -m finance.matcher CODE DAY`.

With `--die-at POINT` it kills itself, without warning, when it comes to that point. It says "ready" and waits for a line before
it begins, so that two can be made to begin at the same moment.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import django

POINTS = ["following", "fetching", "keeping", "reading", "writing", "committing"]


def die(*_args: object, **_more: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(act: Callable[..., Any]) -> Callable[..., Any]:
    def act_then_die(*args: Any, **more: Any) -> None:
        act(*args, **more)
        die()

    return act_then_die


def arm(point: str) -> None:
    """Make the process die at a named moment of a day's reconciliation."""
    from chuzhi.finance import bills, comparing, following, sides

    points: dict[str, Callable[[], None]] = {
        "following": lambda: setattr(following, "_note", after(following._note)),
        "fetching": lambda: setattr(bills, "_keep", die),
        "keeping": lambda: setattr(bills, "_lines", after(bills._lines)),
        "reading": lambda: setattr(sides, "read_billed", after(sides.read_billed)),
        "writing": lambda: setattr(comparing, "compare", after(comparing.compare)),
        "committing": lambda: setattr(comparing, "match", after(comparing.match)),
    }
    points[point]()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("code")
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--die-at", choices=POINTS)
    asked = parser.parse_args()
    django.setup()
    from chuzhi.finance import bills, comparing, following
    from chuzhi.payments.models import Account

    if asked.die_at:
        arm(asked.die_at)
    print("ready", flush=True)
    sys.stdin.readline()
    account = Account.objects.get(code=asked.code)
    following.catch_up()
    bills.fetch(account, asked.day)
    comparing.match(account)


if __name__ == "__main__":
    main()
