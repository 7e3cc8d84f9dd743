"""Settlements a second: a provider's signed and encrypted notice comes in over HTTP, and the order's value is on the ledger.

The notices are WeChat Pay's, made by the code of its stand-in and signed before the clock runs; the server verifies, decrypts,
keeps, compares, credits and answers. The generator, the server and PostgreSQL share the machine; pgbench TPC-B is the reference.
"""

import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg

from bench import ground, load
from bench.http import server

SIZES: dict[str, dict[str, int]] = {
    "smoke": {"notices": 10_000, "warm_seconds": 3, "seconds": 8, "pgbench_seconds": 3, "scale": 5},
    "full": {"notices": 40_000, "warm_seconds": 5, "seconds": 30, "pgbench_seconds": 30, "scale": 50},
}
CONNECTIONS = 32
AMOUNT = 500_00
BATCH = 5_000
BEIJING = timezone(timedelta(hours=8))


def fill(url: str, account: dict[str, str], count: int) -> None:
    """An account at the provider and a programme by the real commands; wallets, orders and sent payments straight into the tables."""
    from chuzhi.core import actors
    from chuzhi.ledger.chart import Method
    from chuzhi.payments import accounts
    from chuzhi.payments.gateways.contract import Scene
    from chuzhi.payments.models import Payment
    from chuzhi.topups import orders
    from chuzhi.topups.models import Order
    from chuzhi.wallets import programmes

    by = actors.system("bench")
    programme = programmes.open(code="bench", name="bench", asset="CNY", bands=[(AMOUNT, 80_00)], by=by)
    opened = accounts.open_account(
        code="wechat", name="wechat", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=account, by=by
    )
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO wallet (id, book, programme_id, created_at) SELECT n, n %% 64, %s, now() FROM generate_series(1, %s) n",
            [programme.pk, count],
        )
    expires_at = datetime.now(BEIJING) + timedelta(days=1)
    Order.objects.bulk_create(
        (Order(
            id=number, number=f"T{number}", wallet_id=number, channel="web", amount=AMOUNT, currency="CNY", bonus=80_00,
            asked_for=f"bench:{number}", expires_at=expires_at, made_by="bench",
        ) for number in range(1, count + 1)),
        batch_size=BATCH,
    )  # fmt: skip
    Payment.objects.bulk_create(
        (Payment(
            number=f"P{number:022}", account=opened, purpose=orders.PURPOSE, subject_id=number, scene=Scene.SHOWN, amount=AMOUNT,
            currency="CNY", shown="bench", stage=Payment.Stage.SENT, sent_at=datetime.now(BEIJING), expires_at=expires_at,
            made_by="bench",
        ) for number in range(1, count + 1)),
        batch_size=BATCH,
    )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) wallet, top_up_order, payment")


@contextmanager
def provider(folder: Path) -> Iterator[dict[str, str]]:
    """The stand-in as a process. Yields the account at it, in the way in which one public key signs everything."""
    import json

    from chuzhi.simulators.wechat import keys

    command = [sys.executable, "-m", "chuzhi.config.cli", "simulate", "wechat", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            process.stdout.readline()
            public = keys.ready(folder).public
            account = json.loads((folder / "account.json").read_text(encoding="utf-8"))
            yield account | {"public_key_id": public.serial, "public_key": public.public_pem}
        finally:
            process.terminate()


def requests(folder: Path, count: int) -> list[bytes]:
    """Every notice as it goes over the line, signed now: the server takes it for five minutes."""
    from chuzhi.simulators.wechat import keys
    from chuzhi.simulators.wechat.envelopes import Envelopes

    held, now = keys.ready(folder), datetime.now(BEIJING)
    held.signs_by_public_key = True
    envelopes, made = Envelopes(held), []
    for number in range(1, count + 1):
        maker = envelopes.notice("TRANSACTION.SUCCESS", "transaction", "支付成功", facts(number, now), now)
        headers, body = maker(False)  # noqa: FBT003 # the stage's shape
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST /api/notices/wechat HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        made.append(head.encode() + body)
    return made


def facts(number: int, at: datetime) -> dict[str, Any]:
    from chuzhi.simulators.wechat.keys import APP, MERCHANT

    return {
        "appid": APP, "mchid": MERCHANT, "out_trade_no": f"P{number:022}", "trade_state": "SUCCESS", "trade_state_desc": "支付成功",
        "attach": "", "trade_type": "NATIVE", "transaction_id": f"42{number:026}", "bank_type": "OTHERS",
        "success_time": at.isoformat(timespec="seconds"), "payer": {"openid": "oUpF8uMuAJO"},
        "amount": {"total": AMOUNT, "payer_total": AMOUNT, "currency": "CNY", "payer_currency": "CNY"},
    }  # fmt: skip


def drive(port: int, folder: Path, count: int, warm: float, seconds: float, heard: Any) -> None:
    """In a process of its own: how many settled while the server warmed up, then what is measured.

    Past the last notice the first ones come again, as they do in life.
    """
    made = requests(folder, count)
    before = len(load.as_fast_as_answered(port, lambda number: made[number], connections=CONNECTIONS, seconds=warm).seconds)
    answer = load.as_fast_as_answered(
        port, lambda number: made[(before + number) % count], connections=CONNECTIONS, seconds=seconds
    )
    heard.put((before, answer))


def credited(url: str) -> tuple[int, int, int]:
    """Orders credited, top-ups in the journal, and what the wallets' lots hold."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """SELECT (SELECT count(*) FROM top_up_order WHERE stage = 'credited'),
                   (SELECT count(*) FROM ledger_operation WHERE kind = 1 AND refusal IS NULL),
                   (SELECT coalesce(sum(remaining), 0)::bigint FROM ledger_lot)"""
        ).fetchone()
    assert row
    return row


def main() -> None:
    options = ground.options(__doc__ or "")
    size = SIZES[options.size]
    with (
        ground.database("chuzhi_bench_settle") as url,
        tempfile.TemporaryDirectory() as keys,
        provider(Path(keys)) as account,
    ):
        reference = ground.pgbench(url, seconds=size["pgbench_seconds"], scale=size["scale"])
        fill(url, account, size["notices"])
        with server() as port:
            context = multiprocessing.get_context("spawn")
            answers = context.Queue()
            asked = (port, Path(keys), size["notices"], size["warm_seconds"], size["seconds"], answers)
            source = context.Process(target=drive, args=asked)
            source.start()
            before, heard = answers.get(timeout=size["seconds"] + 300)
            source.join()
        assert set(heard.statuses) == {200}, (heard.statuses, heard.complaint)
        distinct = min(len(heard.seconds), size["notices"] - before)
        all_ = before + distinct
        assert credited(url) == (all_, all_, all_ * (AMOUNT + 80_00)), (credited(url), all_)
        facts_ = {
            "machine": ground.machine(url), "pgbench": reference, "answered": len(heard.seconds), "credited": distinct,
            "credited_while_warming_up": before,
            "p50_ms": round(heard.percentile(0.5), 1), "p99_ms": round(heard.percentile(0.99), 1), **size,
        }  # fmt: skip
    figures = [ground.figure("settle", distinct / heard.took, "settlements/s", reference)]
    ground.report("settle", options.size, figures, facts=facts_, write=options.write)


if __name__ == "__main__":
    main()
