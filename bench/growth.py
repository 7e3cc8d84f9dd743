"""Does the ledger slow down as its journal grows? Charges, balances and statements at 100 k postings, and again at 10 M.

Customers grow with the journal. Each stage is filled through the ledger itself, two lanes at once, and then measured the same
way: charges in batches of 64 (a busy moment's crowd), a wallet's open lots, its last 50 entries, and what it held an hour ago.
The early measurement is short, or it would grow the journal itself. At the end the whole journal is verified.
"""

import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import ground, verify

SIZES: dict[str, dict[str, Any]] = {
    "smoke": {"legs": (2_000, 50_000), "wallets": (200, 2_000), "seconds": (2, 2), "reads": 200},
    "full": {"legs": (100_000, 10_000_000), "wallets": (5_000, 250_000), "seconds": (10, 60), "reads": 2_000},
}
STAGES = ("early", "later")
BATCH = 64


def charge_for(number: int, wallets: int, seconds: float, stage: str, answers: Any) -> None:
    """One lane: batches of charges, one after the other; answers how many in how long, and each batch's time."""
    import django

    django.setup()
    from chuzhi.ledger import batch, poster, rows

    random_, connection, times = random.Random(number), poster.connect(), []
    mine = range(number or verify.LANES, wallets + 1, verify.LANES)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        mark = f"{stage}-measured-{len(times)}"
        asked = [verify.charge(random_.choice(mine), f"{mark}-{place}", random_) for place in range(BATCH)]
        start = time.perf_counter()
        with rows.transaction(connection) as exchange:
            outcomes = batch.run(exchange, asked)
        times.append(time.perf_counter() - start)
        assert all(each.refusal is None for each in outcomes)
    answers.put((len(times) * BATCH, time.perf_counter() - began, times))


def charges(wallets: int, seconds: float, stage: str) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    arguments = [(number, wallets, seconds, stage, answers) for number in range(verify.LANES)]
    lanes = [context.Process(target=charge_for, args=each) for each in arguments]
    for lane in lanes:
        lane.start()
    found = [answers.get(timeout=seconds + 120) for _lane in lanes]
    for lane in lanes:
        lane.join()
    times = [each for _done, _seconds, lane_times in found for each in lane_times]
    return {"rate": sum(done / spent for done, spent, _times in found), "p50_ms": at(times, 0.5), "p99_ms": at(times, 0.99)}


def reads(wallets: int, count: int) -> dict[str, float]:
    """p99 in ms of what a till and a customer look at, over wallets drawn at random."""
    from chuzhi.ledger import queries

    questions: dict[str, Callable[[int, int], object]] = {
        "balance": queries.lots,
        "statement": lambda book, wallet: queries.entries(book, wallet, limit=50),
        "an_hour_ago": lambda book, wallet: queries.at(book, wallet, datetime.now(UTC) - timedelta(hours=1)),
    }
    random_ = random.Random(1)
    found = {}
    for name, ask in questions.items():
        times = []
        for _each in range(count):
            wallet = random_.randrange(1, wallets + 1)
            start = time.perf_counter()
            ask(wallet % 64, wallet)
            times.append(time.perf_counter() - start)
        found[f"{name}_p99_ms"] = at(times, 0.99)
    return found


def at(times: list[float], share: float) -> float:
    """A percentile, in ms."""
    return round(sorted(times)[int(len(times) * share)] * 1000, 3)


def live_through(url: str, stage: str, size: dict[str, Any], place: int) -> dict[str, float]:
    """Grow to the stage's size, and measure there."""
    import psycopg

    wallets, legs = size["wallets"][place], size["legs"][place]
    before, grown = (size["wallets"][0], size["legs"][0]) if place else (0, 0)
    filled = verify.fill_all(range(before + 1, wallets + 1), wallets, legs - grown, stage)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    found = charges(wallets, size["seconds"][place], stage) | reads(wallets, size["reads"])
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT sum(cardinality(lots)), pg_database_size(current_database()) FROM ledger_operation")
        postings, size_bytes = row.fetchall()[0]
    return found | {"filled_in_seconds": round(filled, 1), "postings": int(postings), "database_mb": size_bytes >> 20}


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_growth") as url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("INSERT INTO ledger_asset (id, code) VALUES (1, 'CNY')")
        early, later = (live_through(url, stage, size, place) for place, stage in enumerate(STAGES))
        verified = verify.measure(verify.LANES)
        facts = {"machine": ground.machine(url), "batch": BATCH, **size, "early": early, "later": later, "verify": verified}
    figures = [
        ground.figure("growth.rate", later["rate"], "charges/s", early["rate"]),
        ground.figure("growth.p99", later["p99_ms"], "ms", early["p99_ms"]),
        *(
            ground.figure(f"growth.{name}.p99", later[f"{name}_p99_ms"], "ms", early[f"{name}_p99_ms"])
            for name in ("balance", "statement", "an_hour_ago")
        ),
        *verify.figures(verified),
    ]
    ground.report("growth", asked.size, figures, facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
