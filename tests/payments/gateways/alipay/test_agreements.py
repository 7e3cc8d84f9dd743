"""Charging somebody who is not there: signed, charged, declined, ended by either side."""

from datetime import UTC, date, datetime

import httpx
import pytest
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import Ear, StandIn

from chuzhi.payments.gateways.alipay import account, gateway
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import (
    AgreementState,
    AgreementTold,
    ChargesLater,
    Decline,
    OutcomeUnknownError,
    Scene,
    State,
)


def signed(shop: Alipay, provider: StandIn, orders: Orders) -> AgreementTold:
    asked = orders.agreement()
    httpx.get(shop.agree(asked).url)
    provider.control("sign", number=asked.number)
    return shop.ask_agreement(asked.number)


def test_an_agreement_is_signed_on_alipays_page(shop: Alipay, provider: StandIn, orders: Orders, hearing: Ear) -> None:
    asked = orders.agreement()

    started = shop.agree(asked)

    assert shop.ask_agreement(asked.number).state is AgreementState.UNHEARD
    assert "同意协议并开通" in httpx.get(started.url).text
    provider.control("sign", number=asked.number)
    told = shop.ask_agreement(asked.number)
    assert (told.state, told.number) == (AgreementState.SIGNED, asked.number)
    heard = hearing.wait()[0]
    assert shop.read(heard.headers, heard.body, now=datetime.now(UTC)).content == told
    assert isinstance(shop, ChargesLater)


def test_on_a_phone_the_app_can_be_opened(shop: Alipay, orders: Orders) -> None:
    started = shop.agree(orders.agreement(Scene.PHONE))

    assert started.facts["app"].startswith("alipays://platformapi/startapp?")
    assert "biz_content%3D" in started.facts["app"]


def test_somebody_who_is_not_there_is_charged(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    agreement = signed(shop, provider, orders)
    shop.announce(agreement=agreement.provider_id, amount=50_000, currency="CNY", on=date(2026, 12, 1))

    told = shop.start(orders.payment(scene=Scene.ABSENT, agreement=agreement.provider_id, amount=50_000)).told

    assert told
    assert (told.state, told.amount, told.payer) == (State.PAID, 50_000, agreement.payer)


@pytest.mark.parametrize(
    ("reason", "decline"),
    [
        ("ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", Decline.LATER),
        ("ACQ.CUSTOMER_VALIDATE_ERROR", Decline.ASK),
        ("ACQ.PAYMENT_REQUEST_HAS_RISK", Decline.NEVER),
    ],
)
def test_a_charge_is_declined(shop: Alipay, provider: StandIn, orders: Orders, reason: str, decline: Decline) -> None:
    agreement = signed(shop, provider, orders)
    provider.control("decline", reason=reason)

    told = shop.start(orders.payment(scene=Scene.ABSENT, agreement=agreement.provider_id)).told

    assert told
    assert (told.state, told.decline) == (State.FAILED, decline)


def test_after_its_end_nothing_can_be_charged(shop: Alipay, provider: StandIn, orders: Orders, hearing: Ear) -> None:
    agreement = signed(shop, provider, orders)

    shop.release(agreement=agreement.provider_id, reason="customer asked")
    shop.release(agreement=agreement.provider_id, reason="asked twice")

    told = shop.start(orders.payment(scene=Scene.ABSENT, agreement=agreement.provider_id)).told
    assert told
    assert (told.state, told.decline, told.reason) == (State.FAILED, Decline.NEVER, "ACQ.AGREEMENT_NOT_EXIST")
    assert shop.ask_agreement(agreement.number, provider_id=agreement.provider_id).state is AgreementState.ENDED
    heard = hearing.wait(2)[1]
    content = shop.read(heard.headers, heard.body, now=datetime.now(UTC)).content
    assert isinstance(content, AgreementTold)
    assert (content.number, content.state) == (agreement.number, AgreementState.ENDED)


def test_the_payer_ends_it_in_the_app(shop: Alipay, provider: StandIn, orders: Orders, hearing: Ear) -> None:
    agreement = signed(shop, provider, orders)

    provider.control("unsign", number=agreement.number)

    heard = hearing.wait(2)[1]
    content = shop.read(heard.headers, heard.body, now=datetime.now(UTC)).content
    assert isinstance(content, AgreementTold)
    assert content.state is AgreementState.ENDED


def test_a_lost_answer_to_a_charge_is_found_by_its_number(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    agreement = signed(shop, provider, orders)
    asked = orders.payment(scene=Scene.ABSENT, agreement=agreement.provider_id)
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        shop.start(asked)

    assert shop.ask(asked.number).state is State.PAID


def test_without_a_scene_of_agreements_nobody_is_charged_later(provider: StandIn) -> None:
    without = gateway.build(account.parse({**provider.account, "agreement_scene": ""}))

    assert Scene.ABSENT not in without.scenes
