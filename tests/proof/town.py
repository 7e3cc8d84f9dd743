"""The whole product as a shop runs it, a data folder of its own, and every provider's stand-in: all of them processes, over sockets."""

import contextlib
import itertools
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connections
from payments.gateways.standing_in import StandIn, standing_in

import cast
from chuzhi.config import databases
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Method
from chuzhi.organization import keys
from chuzhi.payments import accounts
from chuzhi.payments.models import Account
from product import Product, answers, free_port, wait_until

METHODS = {
    "wechat": Method.WECHAT,
    "alipay": Method.ALIPAY,
    "stripe": Method.STRIPE,
    "btcpay": Method.CRYPTO,
    "bank": Method.BANK,
}
FEE_RATES = {"wechat": 60, "alipay": 60}
"""Where the provider does not tell its fee with the payment, in hundredths of a percent."""

SCOPES = ["topups:write", "payments:read", "refunds:write", "wallets:read", "wallets:freeze", "statements:write"]
PATIENCE_SECONDS = 180


@dataclass
class Town:
    """`product` serves at `address`; `providers` and our `accounts` at them by name. `said` is the end of the product's log."""

    product: Product
    process: "Popen[str]"
    address: str
    providers: dict[str, StandIn]
    accounts: dict[str, Account]
    secret: str
    said: deque[str]

    def run_out_of_time(self, number: str) -> None:
        """An order's two hours are over now, and so is the time of its payments. Not while the database is away."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.product.server.url()) as owner:
            order = owner.execute(
                "UPDATE top_up_order SET expires_at = now() WHERE number = %s RETURNING id", [number]
            ).fetchone()
            owner.execute(
                "UPDATE payment SET expires_at = now(), next_ask_at = now()"
                " WHERE purpose = 'top_up' AND subject_id = %s AND stage IN ('intended', 'sent')",
                order,
            )


class Program:
    """A program with a key, which asks again with the same key until it is answered, as the handbook tells it to."""

    _keys = itertools.count(1)

    def __init__(self, town: Town) -> None:
        headers = {"Authorization": f"Bearer {town.secret}", "Accept-Language": "en"}
        self._client = httpx.Client(base_url=f"{town.address}/api/v1", headers=headers, timeout=15, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None, "").json()

    def post(self, path: str, facts: Mapping[str, object], key: str = "") -> httpx.Response:
        """A yes or a no; what is neither is asked again."""
        return self._ask("POST", path, facts, key or f"storm-{next(self._keys)}")

    def _ask(self, method: str, path: str, facts: Mapping[str, object] | None, key: str) -> httpx.Response:
        until = time.monotonic() + PATIENCE_SECONDS
        said = ""
        while time.monotonic() < until:
            try:
                answer = self._client.request(method, path, json=facts, headers={"Idempotency-Key": key} if key else {})
                if answer.status_code < 500:
                    return answer
                said = answer.text
            except httpx.TransportError as fault:
                said = repr(fault)
            time.sleep(0.2)
        raise AssertionError(f"{method} {path} was not answered: {said}")


@contextlib.contextmanager
def town(settings: Any, monkeypatch: pytest.MonkeyPatch, seed: int) -> Iterator[Town]:
    """The product of this test, started; this process's own commands work on its database from here on."""
    folder = Path(tempfile.mkdtemp(prefix="chuzhi-storm-"))
    folder.chmod(0o755)  # the database's own user passes through it
    product = Product(folder / "data")
    try:
        port = free_port()
        process = product.start("serve", "--port", str(port), CHUZHI_PUBLIC_URL=f"http://127.0.0.1:{port}")
        said = _listened_to(process)
        wait_until(lambda: answers(port), "the product answers", seconds=PATIENCE_SECONDS)
        with contextlib.ExitStack() as running:
            running.enter_context(_at_its_database(product, settings, monkeypatch))
            providers = {name: running.enter_context(standing_in(name, folder / name, seed=seed)) for name in METHODS}
            opened = {name: _account(name, stand_in) for name, stand_in in providers.items()}
            for name in ("stripe", "btcpay"):
                providers[name].control("endpoint", url=f"http://127.0.0.1:{port}/api/notices/{name}")
            secret = keys.create(name="storm", scopes=SCOPES, store=None, by=cast.OWNER)[1]
            yield Town(product, process, f"http://127.0.0.1:{port}", providers, opened, secret, said)
    finally:
        product.stop()
        wait_until(lambda: not product.processes(), "nothing of the product is left running")
        shutil.rmtree(folder)


def _account(name: str, stand_in: StandIn) -> Account:
    """Alipay in the mode in which it changes its certificate; a bank has no address to be asked at."""
    given = stand_in.control("certificate_account") if name == "alipay" else stand_in.account
    configuration = {field: text for field, text in given.items() if (name, field) != ("bank", "address")}
    return accounts.open_account(
        code=name, name=name, gateway=name, method=METHODS[name], currency="CNY", configuration=configuration,
        fee_rate=FEE_RATES.get(name, 0), by=cast.OWNER,
    )  # fmt: skip


def _listened_to(process: "Popen[str]") -> deque[str]:
    """The last lines of what it says, read as they come: a full pipe would stop it."""
    said: deque[str] = deque(maxlen=2000)
    for pipe in (process.stdout, process.stderr):
        threading.Thread(target=lambda lines=pipe: said.extend(lines or ()), daemon=True).start()
    return said


@contextlib.contextmanager
def _at_its_database(product: Product, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for ours in ("DATABASE_URL", "CHUZHI_DATABASE_ROLE"):
        monkeypatch.delenv(ours)
    settings.VAULT_FOLDER = product.data / "secrets" / "vault"
    settings.LEDGER_HEADS_FOLDER = str(product.data / "heads")
    monkeypatch.setattr(assets, "_known", {})  # its numbers are its own
    connections.close_all()
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    for alias, known in databases.settings(product.data).items():
        connections[alias].settings_dict.update(known)
    try:
        yield
    finally:
        connections.close_all()
        for alias, known in before.items():
            connections[alias].settings_dict.update(known)
