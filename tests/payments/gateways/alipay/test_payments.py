"""Each scene against the stand-in through a real socket, and what every kind of trouble means for the money."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import StandIn

from chuzhi.payments.gateways.alipay import account, gateway
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import (
    Asked,
    Decline,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
    Scene,
    State,
)


@pytest.mark.parametrize("scene", [Scene.PAGE, Scene.PHONE])
def test_a_page_is_opened_by_the_payer_and_paid(shop: Alipay, provider: StandIn, orders: Orders, scene: Scene) -> None:
    asked = orders.payment(scene=scene, return_url="https://shop.example/back")

    started = shop.start(asked)

    assert shop.ask(asked.number).state is State.UNHEARD
    assert "确认付款" in httpx.get(started.url).text
    assert shop.ask(asked.number).state is State.WAITING
    provider.control("pay", number=asked.number)
    told = shop.ask(asked.number)
    assert (told.state, told.amount, told.currency, told.merchant) == (State.PAID, 12_345, "CNY", shop.merchant)
    assert told.paid_at
    assert abs(told.paid_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_shown_code_is_scanned_and_paid(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    asked = orders.payment()

    started = shop.start(asked)

    assert "确认付款" in httpx.get(started.code).text
    provider.control("pay", number=asked.number)
    assert shop.ask(asked.number).state is State.PAID


def test_a_pay_code_pays_at_once(shop: Alipay, orders: Orders) -> None:
    asked = orders.scanned()

    told = shop.start(asked).told

    assert told
    assert (told.number, told.state, told.amount) == (asked.number, State.PAID, 12_345)
    assert shop.ask(asked.number) == replace(told, reason="TRADE_SUCCESS")


def test_a_large_sum_by_pay_code_waits_for_the_password(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    asked = orders.scanned(amount=500_000)

    started = shop.start(asked)

    assert started.told
    assert started.told.state is State.WAITING
    provider.control("pay", number=asked.number)
    assert shop.ask(asked.number).state is State.PAID


@pytest.mark.parametrize(
    ("reason", "decline"),
    [
        ("ACQ.BUYER_BALANCE_NOT_ENOUGH", Decline.LATER),
        ("ACQ.MOBILE_PAYMENT_SWITCH_OFF", Decline.ASK),
        ("ACQ.BUYER_ENABLE_STATUS_FORBID", Decline.NEVER),
    ],
)
def test_a_decline_says_what_to_do_next(shop: Alipay, provider: StandIn, orders: Orders, reason: str, decline: Decline) -> None:
    provider.control("decline", reason=reason)

    told = shop.start(orders.scanned()).told

    assert told
    assert (told.state, told.decline, told.reason) == (State.FAILED, decline, reason)


def test_a_code_that_is_no_pay_code_or_was_used_wants_a_new_one(shop: Alipay, orders: Orders) -> None:
    used = orders.scanned()
    shop.start(used)

    told = [shop.start(orders.scanned(code=code)).told for code in ("1234", "13" + "0" * 16, used.code)]

    assert [each.decline for each in told if each] == [Decline.ASK] * 3


def test_asked_twice_it_is_paid_once(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    asked = orders.scanned()
    first = shop.start(asked).told

    again = shop.start(replace(asked, code="281234567890123456")).told

    assert first
    assert again
    assert (again.state, again.provider_id) == (State.PAID, first.provider_id)
    assert len([each for each in provider.books()["payments"] if each["number"] == asked.number]) == 1


def test_the_same_number_for_another_amount_is_refused(shop: Alipay, orders: Orders, paid: Callable[..., Asked]) -> None:
    asked = paid()

    with pytest.raises(ProviderRefusedError, match=r"ACQ\.CONTEXT_INCONSISTENT"):
        shop.start(replace(orders.scanned(number=asked.number), amount=1))


def test_another_currency_is_refused_before_anything_is_sent(shop: Alipay, orders: Orders) -> None:
    with pytest.raises(ProviderRefusedError, match="currency"):
        shop.start(orders.payment(currency="USD"))


@pytest.mark.parametrize("fault", ["lose_answer", "refuse_busy", "unknown_answer", "busy_answer"])
def test_when_nobody_can_say_it_is_asked_again(shop: Alipay, provider: StandIn, orders: Orders, fault: str) -> None:
    asked = orders.scanned()
    provider.control("next", faults=[fault])

    with pytest.raises(OutcomeUnknownError):
        shop.start(asked)

    expected = State.UNHEARD if fault == "refuse_busy" else State.PAID
    assert shop.ask(asked.number).state is expected


@pytest.mark.parametrize("fault", ["forge_answer", "unsigned_answer"])
def test_an_answer_that_is_not_alipays_is_not_believed(
    shop: Alipay, provider: StandIn, paid: Callable[..., Asked], fault: str
) -> None:
    asked = paid()
    provider.control("next", faults=[fault])

    with pytest.raises(OutcomeUnknownError, match="signature"):
        shop.ask(asked.number)

    assert shop.ask(asked.number).state is State.PAID


def test_a_refused_connection_has_certainly_sent_nothing(provider: StandIn, orders: Orders) -> None:
    nobody = gateway.build(account.parse({**provider.account, "address": "http://127.0.0.1:9/gateway.do"}))

    with pytest.raises(NotSentError):
        nobody.start(orders.scanned())


def test_the_platform_refuses_a_request_signed_by_another_key(provider: StandIn, orders: Orders) -> None:
    """Its refusal has no signature of its own, so it is not believed either: nothing is decided by it."""
    strange = {**provider.account, "app_private_key": provider.control("certificate_account")["app_private_key"]}

    asked = orders.scanned()

    with pytest.raises(OutcomeUnknownError, match=r"isv\.invalid-signature"):
        gateway.build(account.parse(strange)).start(asked)

    assert asked.number not in {each["number"] for each in provider.books()["payments"]}


def test_what_nobody_paid_is_closed(shop: Alipay, orders: Orders) -> None:
    asked = orders.payment()
    httpx.get(shop.start(asked).code)

    shop.close(asked.number)

    assert shop.ask(asked.number).state is State.CLOSED


def test_what_was_paid_cannot_be_closed(shop: Alipay, paid: Callable[..., Asked]) -> None:
    asked = paid()

    with pytest.raises(ProviderRefusedError, match=r"ACQ\.TRADE_STATUS_ERROR"):
        shop.close(asked.number)

    assert shop.ask(asked.number).state is State.PAID


def test_what_is_not_there_is_cancelled_without_a_trace(shop: Alipay, orders: Orders) -> None:
    asked = orders.payment(scene=Scene.PAGE)
    shop.start(asked)

    shop.close(asked.number)

    assert shop.ask(asked.number).state is State.UNHEARD


def test_a_pay_code_that_arrives_while_it_is_closed_is_undone(
    shop: Alipay, provider: StandIn, paid: Callable[..., Asked]
) -> None:
    asked = paid()
    provider.control("next", faults=["overtaken"])

    with pytest.raises(ProviderRefusedError, match="paid_meanwhile"):
        shop.close(asked.number)

    assert shop.ask(asked.number).state is State.CLOSED
    assert [each["refunded"] for each in provider.books()["payments"] if each["number"] == asked.number] == [12_345]


def test_what_waits_and_arrives_while_it_is_closed_is_closed(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    asked = orders.scanned(amount=500_000)
    shop.start(asked)
    provider.control("next", faults=["overtaken"])

    shop.close(asked.number)

    assert shop.ask(asked.number).state is State.CLOSED


def test_nobody_can_pay_after_the_end_of_the_time(shop: Alipay, provider: StandIn, orders: Orders) -> None:
    opened, kept = orders.payment(scene=Scene.PAGE), orders.payment(scene=Scene.PAGE)
    links = {each.number: shop.start(each).url for each in (opened, kept)}
    httpx.get(links[opened.number])

    provider.control("clock", ahead_seconds=16 * 60)

    assert "ACQ.INVALID_PARAMETER" in httpx.get(links[kept.number]).text
    assert shop.ask(opened.number).state is State.CLOSED


def test_a_payment_too_old_to_be_refunded_is_still_paid(shop: Alipay, provider: StandIn, paid: Callable[..., Asked]) -> None:
    asked = paid()

    provider.control("finish", number=asked.number)

    assert shop.ask(asked.number).state is State.PAID
