"""The stand-in as a process of its own, one for each file of tests; gateways of its merchant; an ear for its notices."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from payments.gateways.standing_in import Ear, Heard, StandIn, ear, standing_in
from payments.gateways.wechat.merchant import Ask, Connect, scanned

from chuzhi.payments.gateways.contract import (
    Asked,
    Scene,
)
from chuzhi.payments.gateways.wechat import account, gateway
from chuzhi.payments.gateways.wechat.gateway import WeChatPay


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def listening() -> Iterator[Ear]:
    """One that says of each notice that it was taken, as we do."""
    with ear() as opened:
        opened.answer = lambda _heard: (200, gateway.HEARD.body)
        yield opened


@pytest.fixture
def connect(provider: StandIn) -> Iterator[Connect]:
    """A gateway for the stand-in's merchant, with some settings changed."""
    made = []

    def open_one(**changes: str) -> WeChatPay:
        made.append(gateway.build(account.parse({**provider.account, **changes})))
        return made[-1]

    yield open_one
    for each in made:
        each.hang_up()


@pytest.fixture
def wechat(connect: Connect) -> WeChatPay:
    return connect()


@pytest.fixture
def asked(listening: Ear) -> Ask:
    """A payment of 100 yuan by a code that we show, under a number of its own."""

    def ask(**other: object) -> Asked:
        facts: dict[str, object] = {
            "number": f"P{time.time_ns()}",
            "amount": 100_00,
            "currency": "CNY",
            "subject": "储值 100 元",
            "scene": Scene.SHOWN,
            "expires_at": datetime.now(UTC) + timedelta(minutes=30),
            "notify_url": f"{listening.address}/notice",
        }
        return Asked(**(facts | other))  # type: ignore[arg-type]

    return ask


@pytest.fixture
def notice(provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear) -> Heard:
    payment = asked()
    wechat.start(payment)
    provider.control("pay", number=payment.number)
    return listening.wait()[0]


@pytest.fixture
def paid(provider: StandIn, wechat: WeChatPay, asked: Ask) -> Asked:
    payment = asked(**scanned())
    wechat.start(payment)
    return payment
