"""How long it takes to verify every invariant of a ledger, in postings a second, on a journal that the ledger itself wrote.

Wallets are topped up with a bonus and charged in proportion, so that most operations have two legs; some charges go back, some
are held and captured. The snapshot is read by one connection a core.
"""

import multiprocessing
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench import ground

SIZES = {
    "smoke": {"legs": 60_000, "wallets": 2_000},
    "full": {"legs": 10_000_000, "wallets": 200_000},
}
BATCH = 256
LANES = 2
BAR = {"postings": 10_000_000, "seconds": 120, "megabytes": 500}


def fill(number: int, fresh: range, wallets: int, legs: int, stage: str) -> None:
    """One lane's share of the journal: top-ups for the fresh wallets, then trade over all `wallets`, `legs` in all."""
    import django

    django.setup()
    from chuzhi.ledger import batch, poster, rows

    random_, connection, done = random.Random(f"{stage}{number}"), poster.connect(), 0
    new = [wallet for wallet in fresh if wallet % LANES == number]
    for start in range(0, len(new), BATCH):
        with rows.transaction(connection) as exchange:
            done += moved(batch.run(exchange, [top_up(wallet) for wallet in new[start : start + BATCH]]))
    mine = range(number or LANES, wallets + 1, LANES)
    holds: list[Any] = []
    sold: list[Any] = []
    batches, told = 0, done
    while done < legs:
        batches += 1
        mark = f"{stage}-{batches}"
        asked = [charge(random_.choice(mine), f"{mark}-{place}", random_) for place in range(BATCH - 20)]
        asked += [hold(random_.choice(mine), f"{mark}-h{place}") for place in range(10)]
        asked += [capture(each, f"{mark}-c{place}") for place, each in enumerate(holds)]
        asked += [refund(each, f"{mark}-r{place}") for place, each in enumerate(sold)]
        with rows.transaction(connection) as exchange:
            answers = batch.run(exchange, asked)
        done += moved(answers)
        accepted = [each for each in answers if each.refusal is None]
        holds = [each for each in accepted if each.kind == 3][:5]
        sold = [each for each in accepted if each.kind == 2][:5]
        if number == 0 and done - told > legs // 20:
            told = done
            print(f"  {stage}: {100 * done // legs} % of {legs * LANES:,} postings", file=sys.stderr, flush=True)


def fill_all(fresh: range, wallets: int, legs: int, stage: str) -> float:
    """Every lane at once, in a process each; answers the seconds it took."""
    context = multiprocessing.get_context("spawn")
    began = time.perf_counter()
    lanes = [context.Process(target=fill, args=(number, fresh, wallets, legs // LANES, stage)) for number in range(LANES)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
        assert lane.exitcode == 0, "a lane stopped with a fault"
    return time.perf_counter() - began


def moved(answers: list[Any]) -> int:
    return sum(len(each.legs) for each in answers)


def top_up(wallet: int) -> Any:
    from chuzhi.ledger import chart
    from chuzhi.ledger.operations import Grant, TopUp

    cash = chart.account(chart.System.CLEARING, chart.Method.CASH)
    grants = (
        Grant(asset=1, bucket=chart.Bucket.PRINCIPAL, amount=50_000_00, source=cash),
        Grant(asset=1, bucket=chart.Bucket.BONUS, amount=8_000_00, source=chart.BONUS_COST),
    )
    return TopUp(book=wallet % 64, wallet=wallet, key=f"t{wallet}", by="key:1", asset=1, amount=50_000_00, grants=grants)


def charge(wallet: int, key: str, random_: random.Random) -> Any:
    from chuzhi.ledger.operations import Charge, Order

    return Charge(
        **common(wallet, key), amount=random_.randrange(100, 9_000), store=random_.randrange(1, 200), into=2_000_000_001,
        order=Order.PROPORTIONAL, reference=f"sale {key}",
    )  # fmt: skip


def hold(wallet: int, key: str) -> Any:
    from datetime import UTC, datetime

    from chuzhi.ledger.operations import Hold

    return Hold(**common(wallet, key), amount=5_00, expires_at=datetime(2040, 1, 1, tzinfo=UTC))


def capture(held: Any, key: str) -> Any:
    from chuzhi.ledger.operations import Capture

    return Capture(**common(held.wallet, key), amount=3_00, hold=held.seq, into=2_000_000_001, final=True)


def refund(sold: Any, key: str) -> Any:
    from chuzhi.ledger.operations import Refund

    return Refund(**common(sold.wallet, key), amount=1, charge=sold.seq, proportional=True)


def common(wallet: int, key: str) -> dict[str, Any]:
    return {"book": wallet % 64, "wallet": wallet, "key": key, "by": "key:1", "asset": 1}


def watch(pids: list[int], peak: list[int], ended: threading.Event) -> None:
    """The most private memory that these processes held together, in MB."""
    while not ended.wait(0.2):
        peak[0] = max(peak[0], sum(private_memory(pid) for pid in pids))


def private_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon")), 0)


def measure(workers: int) -> dict[str, Any]:
    import django

    django.setup()
    from chuzhi.ledger import poster
    from chuzhi.ledger.proof import verification

    connection, peak, ended = poster.connect(), [0], threading.Event()
    pids = [os.getpid()]
    here = connection.execute("SELECT inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()").fetchone() == (
        True,
    )
    watcher = threading.Thread(target=watch, args=(pids, peak, ended))
    watcher.start()
    report = verification.verify(
        connection, workers=workers, joined=lambda others: pids.extend(each.info.backend_pid for each in others if here)
    )
    ended.set()
    watcher.join()
    assert report.is_clean, report.findings
    return report.as_plain() | {"peak_mb": peak[0], "workers": workers}


def figures(found: dict[str, Any]) -> list[dict[str, Any]]:
    """`verify.10m` is the time of ten million postings: measured in the full size, scaled in the smoke."""
    seconds = found["seconds"] * BAR["postings"] / found["legs"]
    return [
        ground.figure("verify.10m", seconds, "s", BAR["seconds"]),
        ground.figure("verify.memory", found["peak_mb"], "MB", BAR["megabytes"]),
    ]


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_verify") as url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("INSERT INTO ledger_asset (id, code) VALUES (1, 'CNY')")
        filled = fill_all(range(1, size["wallets"] + 1), size["wallets"], size["legs"], "fill")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        found = measure(LANES)
        facts = {"machine": ground.machine(url), "filled_in_seconds": round(filled, 1), "verify": found, **size}
    ground.report("verify", asked.size, figures(found), facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
