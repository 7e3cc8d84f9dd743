"""The stand-in as a process, our adapter at it, and an ear for its notices."""

from collections.abc import Iterator

import pytest
from payments.gateways.standing_in import Ear, StandIn, ear, standing_in

from chuzhi.payments.gateways.stripe.account import parse
from chuzhi.payments.gateways.stripe.gateway import StripeGateway, build


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("stripe", tmp_path_factory.mktemp("stripe")) as provider:
        yield provider


@pytest.fixture
def provider(started: StandIn) -> Iterator[StandIn]:
    yield started
    started.control("faults")
    started.control("clock", ahead_seconds=0)


@pytest.fixture
def gateway(provider: StandIn) -> Iterator[StripeGateway]:
    made = build(parse(provider.account))
    yield made
    made.disconnect()


@pytest.fixture
def notices(provider: StandIn) -> Iterator[Ear]:
    with ear() as listening:
        provider.control("endpoint", url=f"{listening.address}/notices")
        yield listening
        provider.control("endpoint", url="")
