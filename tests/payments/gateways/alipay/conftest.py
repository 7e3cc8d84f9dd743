"""Alipay's stand-in as a process, a merchant's account there in both modes, and orders with numbers of their own."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from payments.gateways.standing_in import Ear, StandIn, ear, standing_in

from chuzhi.payments.gateways.alipay import account, gateway
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import AgreementAsked, Asked, RefundAsked, Scene, Started


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alipay")


@pytest.fixture(scope="module")
def running(keys: Path) -> Iterator[StandIn]:
    with standing_in("alipay", keys) as provider:
        yield provider


@pytest.fixture(autouse=True)
def calm(running: StandIn) -> Iterator[None]:
    """Its faults off and its clock right, before a test and after it."""
    _calm(running)
    yield
    _calm(running)


def _calm(running: StandIn) -> None:
    running.control("faults")
    running.control("clock", ahead_seconds=0)
    running.control("poor", is_poor=False)


@pytest.fixture
def provider(running: StandIn) -> StandIn:
    return running


@pytest.fixture(scope="module")
def shop(running: StandIn) -> Alipay:
    """In key mode."""
    return gateway.build(account.parse(running.account))


@pytest.fixture
def certified(provider: StandIn) -> Alipay:
    """In certificate mode."""
    return gateway.build(account.parse(provider.control("certificate_account")))


@pytest.fixture
def hearing() -> Iterator[Ear]:
    """The merchant's address, which likes whatever it hears."""
    with ear() as listening:
        listening.answer = lambda _heard: (200, b"success")
        yield listening


def number() -> str:
    return f"T{uuid.uuid4().hex[:20]}"


@dataclass
class Orders:
    """Makes what is asked: each with a number of its own."""

    notify_url: str = ""

    def payment(self, **changes: Any) -> Asked:
        asked = Asked(
            number=number(),
            amount=12_345,
            currency="CNY",
            subject="储值 · 123.45",
            scene=Scene.SHOWN,
            expires_at=datetime.now(UTC) + timedelta(minutes=15),
            notify_url=self.notify_url,
        )
        return replace(asked, **changes)

    def scanned(self, **changes: Any) -> Asked:
        code = f"28{uuid.uuid4().int % 10**16:016d}"
        return self.payment(**{"scene": Scene.SCANNED, "code": code, **changes})

    def refund(self, paid: Asked, amount: int, **changes: Any) -> RefundAsked:
        asked = RefundAsked(
            number=number(),
            payment=paid.number,
            provider_id="",
            amount=amount,
            total=paid.amount,
            currency="CNY",
            reason="退款",
            notify_url=self.notify_url,
        )
        return replace(asked, **changes)

    def agreement(self, scene: Scene = Scene.PAGE) -> AgreementAsked:
        return AgreementAsked(number=number(), shown_name="小王", scene=scene, notify_url=self.notify_url)


@pytest.fixture
def orders(hearing: Ear) -> Orders:
    return Orders(f"{hearing.address}/notices")


@pytest.fixture
def paid(shop: Alipay, orders: Orders) -> Callable[..., Asked]:
    """A payment by pay-code that is over."""

    def pay(**changes: Any) -> Asked:
        asked = orders.scanned(**changes)
        started: Started = shop.start(asked)
        assert started.told
        return asked

    return pay
