"""Charges a second through the whole product: HTTP, key, scope, idempotency, ledger, sale and audit, one server process.

`single`: one charge a request, 64 connections. `fixed100`: the same at 100 requests a second, timed from when each was due.
`batch`: 500 charges a request. The generator, the server and PostgreSQL share the machine; pgbench TPC-B is the reference.
"""

import multiprocessing
import random
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import ground, load

SIZES: dict[str, dict[str, int]] = {
    "smoke": {"wallets": 2_000, "seconds": 3, "fixed_seconds": 3, "pgbench_seconds": 3, "scale": 5},
    "full": {"wallets": 1_000_000, "seconds": 60, "fixed_seconds": 60, "pgbench_seconds": 30, "scale": 50},
}
CONNECTIONS = 64
FIXED_RATE = 100
BATCH = 500
BATCH_CONNECTIONS = 4
STORES = 200
SERVER_PATIENCE_SECONDS = 60


def fill(url: str, wallets: int) -> str:
    """Stores, a programme and a key by the real commands; wallets and their four lots straight into the tables.

    Answers the key's secret.
    """
    from chuzhi.core import actors
    from chuzhi.organization import keys
    from chuzhi.organization.models import Store
    from chuzhi.wallets import programmes
    from chuzhi.wallets.models import ProgrammeTerms

    by = actors.system("bench")
    order = ProgrammeTerms.DeductionOrder.PROPORTIONAL
    programme = programmes.open(code="bench", name="bench", asset="CNY", order=order, by=by)
    secret = keys.create(name="bench", scopes=["charges:write"], by=by)[1]
    with psycopg.connect(url) as connection:
        connection.execute(
            """INSERT INTO store (code, name, address, time_zone, is_open, pack)
               SELECT 'S' || n, 'Store ' || n, '', 'Asia/Shanghai', TRUE, %s FROM generate_series(1, %s) n""",
            [Store._meta.get_field("pack").get_default(), STORES],
        )
        connection.execute(
            """INSERT INTO wallet (id, book, programme_id, created_at)
               SELECT w, w %% 64, %s, now() FROM generate_series(1, %s::bigint) w""",
            [programme.pk, wallets],
        )
        connection.execute(
            """INSERT INTO ledger_lot (book, wallet, id, asset, bucket, amount, remaining, held, open, expires_at, granted_at,
                   terms, funding, made_by)
               SELECT w %% 64, w, w * 4 + n, (SELECT id FROM ledger_asset WHERE code = 'CNY'), 1 + n %% 2, 100000000,
                   100000000, 0, true, CASE WHEN n %% 2 = 1 THEN timestamptz '2040-01-01' + n * interval '1 day' END, now(),
                   1, '', 0
               FROM generate_series(1, %s::bigint) w, generate_series(0, 3) n""",
            [wallets],
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) ledger_lot, wallet")
        connection.execute("CHECKPOINT")
    return secret


@contextmanager
def server(log: Path) -> Iterator[int]:
    """`chuzhi web` as an installation starts it, on a free port; what it says goes to `log`."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "chuzhi.config.cli", "web", "--port", str(port)]
    with log.open("w") as said, subprocess.Popen(command, stdout=said) as process:
        try:
            patience = time.monotonic() + SERVER_PATIENCE_SECONDS
            while not _answers(port):
                if time.monotonic() > patience or process.poll() is not None:
                    raise SystemExit("the server does not start")
                time.sleep(0.2)
            yield port
        finally:
            process.terminate()
            process.wait()


def warnings(log: Path) -> str:
    """The last that the server said and that is not of an answered request."""
    with log.open() as said:
        return "".join(deque((line for line in said if '"level":"info"' not in line), maxlen=20))


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Requests:
    """The n-th request, in bytes. Keys carry the shape's name, so that no two shapes use one."""

    def __init__(self, shape: str, secret: str, wallets: int) -> None:
        self.shape, self.wallets, self.random = shape, wallets, random.Random(shape)
        self.head = f"Host: localhost\r\nAuthorization: Bearer {secret}\r\nContent-Type: application/json\r\n"

    def single(self, number: int) -> bytes:
        return self._post("/api/v1/charges", f"Idempotency-Key: {self.shape}-{number}\r\n", f"{{{self._charge()}}}")

    def batch(self, number: int) -> bytes:
        charges = ",".join(f'{{"key":"{self.shape}-{number}-{place}",{self._charge()}}}' for place in range(BATCH))
        return self._post("/api/v1/charges/batch", "", f'{{"charges":[{charges}]}}')

    def _charge(self) -> str:
        draw = self.random.random
        wallet, store, amount = int(draw() * self.wallets) + 1, int(draw() * STORES) + 1, int(draw() * 4_900) + 100
        return f'"wallet":"{wallet}","amount":{amount},"store":"{store}"'

    def _post(self, address: str, key: str, body: str) -> bytes:
        return f"POST {address} HTTP/1.1\r\n{self.head}{key}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def drive(shape: str, port: int, secret: str, wallets: int, seconds: float, heard: Any) -> None:
    """In a process of its own."""
    ask = Requests(shape, secret, wallets)
    if shape == "batch":
        answer = load.as_fast_as_answered(port, ask.batch, connections=BATCH_CONNECTIONS, seconds=seconds)
    elif shape == "fixed100":
        answer = load.at_a_rate(port, ask.single, rate=FIXED_RATE, connections=CONNECTIONS, seconds=seconds)
    else:
        answer = load.as_fast_as_answered(port, ask.single, connections=CONNECTIONS, seconds=seconds)
    heard.put(answer)


def measure(shape: str, port: int, secret: str, wallets: int, seconds: float) -> load.Heard:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    source = context.Process(target=drive, args=(shape, port, secret, wallets, seconds, answers))
    source.start()
    heard: load.Heard = answers.get(timeout=seconds + load.PATIENCE_SECONDS)
    source.join()
    return heard


def charged(url: str) -> tuple[int, int, int]:
    """What the books say: charges done, sales written, lines in the audit log."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """SELECT (SELECT count(*) FROM ledger_operation WHERE kind = 2 AND refusal IS NULL), (SELECT count(*) FROM sale),
                   (SELECT count(*) FROM audit_trail WHERE action = 'wallet.charged')"""
        ).fetchone()
    assert row
    return row


def run(size: dict[str, int], url: str) -> tuple[dict[str, load.Heard], int]:
    """Each shape in turn, and how many charges were acknowledged in all. Ends with the books agreeing, or not at all."""
    secret = fill(url, size["wallets"])
    found: dict[str, load.Heard] = {}
    with TemporaryDirectory() as folder, server(log := Path(folder) / "web.log") as port:
        measure("warm", port, secret, size["wallets"], min(5, size["seconds"]))
        before = charged(url)[0]
        for shape, seconds in (
            ("fixed100", size["fixed_seconds"]),
            ("single", size["seconds"]),
            ("batch", size["seconds"]),
        ):
            found[shape] = measure(shape, port, secret, size["wallets"], seconds)
            wrong = {status: count for status, count in found[shape].statuses.items() if status not in {200, 201}}
            assert not wrong, f"{shape}: {wrong} {found[shape].complaint}\n{warnings(log)}"
    acknowledged = before + sum(len(found[shape].seconds) * (BATCH if shape == "batch" else 1) for shape in found)
    assert charged(url) == (acknowledged, acknowledged, acknowledged), (charged(url), acknowledged)
    return found, acknowledged


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_http") as url:
        reference = ground.pgbench(url, seconds=size["pgbench_seconds"], scale=size["scale"])
        found, acknowledged = run(size, url)
        facts = {
            "machine": ground.machine(url),
            "pgbench": reference,
            "acknowledged_and_in_the_books": acknowledged,
            **size,
            "shapes": {shape: _row(heard) for shape, heard in found.items()},
        }
    single, batch = found["single"], found["batch"]
    figures = [
        ground.figure("http.single", len(single.seconds) / single.took, "charges/s", reference),
        *(ground.figure(f"http.fixed100.p{share}", found["fixed100"].percentile(share / 100), "ms") for share in (50, 95, 99)),
        ground.figure("http.batch", len(batch.seconds) * BATCH / batch.took, "charges/s", reference),
    ]
    ground.report("http", asked.size, figures, facts=facts, write=asked.write)


def _row(heard: load.Heard) -> dict[str, Any]:
    return {
        "requests": len(heard.seconds),
        "seconds": round(heard.took, 2),
        "p50_ms": round(heard.percentile(0.5), 2),
        "p95_ms": round(heard.percentile(0.95), 2),
        "p99_ms": round(heard.percentile(0.99), 2),
    }


if __name__ == "__main__":
    main()
