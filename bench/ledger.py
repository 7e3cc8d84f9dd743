"""Durable charges a second through the ledger: lots, idempotency, hash chain, sale, its line and audit row on; one process a lane.

Every wallet has four open lots; every charge draws in proportion from principal and bonus. `spread`: many stores; `hot_store`:
all at one; `hot_wallet`: one customer only.
"""

import multiprocessing
import random
import time
from typing import Any

from bench import ground

SIZES: dict[str, dict[str, int]] = {
    "smoke": {"wallets": 2_000, "seconds": 3, "pgbench_seconds": 3, "scale": 5},
    "full": {"wallets": 1_000_000, "seconds": 60, "pgbench_seconds": 30, "scale": 50},
}
BATCH = 256
LANES = 2
STORES = 200


def fill(url: str, wallets: int) -> None:
    """Four lots a wallet, straight into the tables: only the starting point is made this way, and no figure comes from it."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO ledger_asset (id, code) VALUES (1, 'CNY')")
        connection.execute(
            """INSERT INTO ledger_lot (book, wallet, id, asset, bucket, amount, remaining, held, open, expires_at, granted_at,
                   terms, funding, made_by)
               SELECT w %% 64, w, w * 4 + n, 1, 1 + n %% 2, 1000000000000, 1000000000000, 0, true,
                   CASE WHEN n %% 2 = 1 THEN timestamptz '2040-01-01' + n * interval '1 day' END, now(), 1, '', 0
               FROM generate_series(1, %s::bigint) w, generate_series(0, 3) n""",
            [wallets],
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) ledger_lot")
        connection.execute("CHECKPOINT")


def charges(random_: random.Random, lane: int, wallets: int, shape: str, number: int) -> list[Any]:
    from chuzhi.ledger import chart
    from chuzhi.ledger.operations import Charge, Order
    from chuzhi.till.tickets import Line, Ticket

    asked = []
    for place in range(BATCH):
        wallet = 64 + lane if shape == "hot_wallet" else random_.randrange(wallets // LANES) * LANES + lane or 64
        amount = random_.randrange(100, 5_000)
        store = 1 if shape == "hot_store" else random_.randrange(1, STORES)
        asked.append(
            Charge(
                book=wallet % 64,
                wallet=wallet,
                key=f"{shape}-{number}-{place}",
                by=f"key:{lane}",
                asset=1,
                amount=amount,
                store=store,
                into=chart.account(chart.System.SALES, store),
                order=Order.PROPORTIONAL,
                documents=(Ticket(wallet, store, None, amount, "", f"key:{lane}", None, (Line("bench", amount),)),),
            )
        )
    return asked


def lane(number: int, shape: str, wallets: int, seconds: float, answers: Any) -> None:
    import django

    django.setup()
    from chuzhi.ledger import batch, poster, rows

    random_, connection, done, refused = random.Random(number), poster.connect(), 0, 0
    times: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        start = time.perf_counter()
        with rows.transaction(connection) as exchange:
            outcomes = batch.run(exchange, charges(random_, number, wallets, shape, done))
        times.append(time.perf_counter() - start)
        done += len(outcomes)
        refused += sum(1 for each in outcomes if each.refusal is not None)
    answers.put((done, refused, time.perf_counter() - began, times))


def measure(shape: str, wallets: int, seconds: float) -> dict[str, Any]:
    """All lanes at once; the hot wallet can use one lane only."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    lanes = 1 if shape == "hot_wallet" else LANES
    workers = [context.Process(target=lane, args=(number, shape, wallets, seconds, answers)) for number in range(lanes)]
    for worker in workers:
        worker.start()
    found = [answers.get() for _worker in workers]
    for worker in workers:
        worker.join()
    times = sorted(each for *_rest, lane_times in found for each in lane_times)
    return {
        "charges": sum(each[0] for each in found),
        "refused": sum(each[1] for each in found),
        "rate": sum(each[0] / each[2] for each in found),
        "batch_p50_ms": round(times[len(times) // 2] * 1000, 2),
        "batch_p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
    }


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_ledger") as url:
        reference = ground.pgbench(url, seconds=size["pgbench_seconds"], scale=size["scale"])
        fill(url, size["wallets"])
        found = {shape: measure(shape, size["wallets"], size["seconds"]) for shape in ("spread", "hot_store", "hot_wallet")}
        facts = {"machine": ground.machine(url), "pgbench": reference, "batch": BATCH, "lanes": LANES, **size, "shapes": found}
    figures = [
        ground.figure("ledger.spread", found["spread"]["rate"], "charges/s", reference),
        ground.figure("ledger.hot_store", found["hot_store"]["rate"], "charges/s", found["spread"]["rate"]),
        ground.figure("ledger.hot_wallet", found["hot_wallet"]["rate"], "charges/s", reference),
    ]
    ground.report("ledger", asked.size, figures, facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
