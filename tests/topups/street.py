"""A shop with an account at a provider, and that provider on the other side of a socket."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import make
import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from payments.gateways.standing_in import StandIn, standing_in

import cast
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Wallet

HERE = Circumstances(payer_ip="203.0.113.7", return_url="https://shop.example/back")
PATIENCE_SECONDS = 15


@dataclass(frozen=True)
class Street:
    """`provider` is a process; it calls the shop's own door at `address`."""

    provider: StandIn
    account: Account
    address: str

    def order(self, wallet: Wallet, amount: int = 500_00) -> Order:
        return orders.place(wallet=wallet, amount=amount, channel=Order.Channel.WEB, key=make.key(), by=cast.OWNER)

    def begin(self, order: Order, scene: Scene = Scene.SHOWN) -> Payment:
        return orders.pay(order=order, scene=scene, circumstances=HERE, by=cast.OWNER)

    def pay(self, payment: Payment) -> None:
        """The payer does their part, at the provider."""
        self.provider.control("pay", number=payment.number)


def wait(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.02)


def stage_of(order: Order) -> str:
    return Order.objects.values_list("stage", flat=True).get(pk=order.pk)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_facts: object) -> None:
        pass


class _Server(ThreadedWSGIServer):
    def close_request(self, request: object) -> None:
        connections.close_all()
        super().close_request(request)  # type: ignore[arg-type]


@contextlib.contextmanager
def door() -> Iterator[str]:
    """The product's own door for notices, on a free port, on the database of this test."""
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def street(provider: str, method: Method, folder: Path, settings: object, *, seed: int = 1) -> Iterator[Street]:
    with standing_in(provider, folder, seed=seed) as stand_in, door() as address:
        settings.PUBLIC_URL = address  # type: ignore[attr-defined]  # pytest-django's settings
        account = accounts.open_account(
            code=provider,
            name=provider,
            gateway=provider,
            method=method,
            currency="CNY",
            configuration=stand_in.account,
            by=cast.OWNER,
        )
        yield Street(stand_in, account, address)


@pytest.fixture(scope="module")
def provider_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A provider's keys take a second to make, and may be the same for every test of a file."""
    return tmp_path_factory.mktemp("provider")


@pytest.fixture
def wechat(provider_keys: Path, settings: object) -> Iterator[Street]:
    with street("wechat", Method.WECHAT, provider_keys, settings) as made:
        yield made


@pytest.fixture
def alipay(provider_keys: Path, settings: object) -> Iterator[Street]:
    with street("alipay", Method.ALIPAY, provider_keys, settings) as made:
        yield made
