from collections.abc import Callable
from dataclasses import replace

import pytest
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import StandIn

from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import Asked, Decline, OutcomeUnknownError, ProviderRefusedError, RefundState, State


def test_part_of_it_goes_back_and_then_the_rest(shop: Alipay, orders: Orders, paid: Callable[..., Asked]) -> None:
    asked = paid()
    part, rest = orders.refund(asked, 2_345), orders.refund(asked, 10_000)

    told = [shop.refund(each) for each in (part, rest)]

    assert [(each.state, each.amount) for each in told] == [(RefundState.DONE, 2_345), (RefundState.DONE, 10_000)]
    assert [shop.ask_refund(each).amount for each in (part, rest)] == [2_345, 10_000]
    assert shop.ask(asked.number).state is State.CLOSED


def test_asked_twice_it_goes_back_once(shop: Alipay, provider: StandIn, orders: Orders, paid: Callable[..., Asked]) -> None:
    asked = orders.refund(paid(), 100)

    told = [shop.refund(asked), shop.refund(asked)]

    assert [(each.state, each.amount) for each in told] == [(RefundState.DONE, 100)] * 2
    assert [each["amount"] for each in provider.books()["refunds"] if each["number"] == asked.number] == [100]


@pytest.mark.parametrize("fault", ["lose_answer", "unknown_answer"])
def test_a_lost_answer_is_found_by_its_number(
    shop: Alipay, provider: StandIn, orders: Orders, paid: Callable[..., Asked], fault: str
) -> None:
    asked = orders.refund(paid(), 100)
    provider.control("next", faults=[fault])

    with pytest.raises(OutcomeUnknownError):
        shop.refund(asked)

    assert shop.ask_refund(asked).state is RefundState.DONE


@pytest.mark.parametrize(("is_done", "state"), [(True, RefundState.DONE), (False, RefundState.UNHEARD)])
def test_a_slow_refund_is_done_later_or_may_be_asked_for_again(
    shop: Alipay, provider: StandIn, orders: Orders, paid: Callable[..., Asked], is_done: bool, state: RefundState
) -> None:
    asked = orders.refund(paid(), 100)
    provider.control("next", faults=["slow_refund"])

    assert shop.refund(asked).state is RefundState.PROCESSING
    provider.control("end_refunds", is_done=is_done)

    assert shop.ask_refund(asked).state is state
    assert shop.refund(asked).state is RefundState.DONE


@pytest.mark.parametrize(("amount", "reason"), [(12_346, r"ACQ\.REASON_TRADE_REFUND_FEE_ERR"), (0, r"ACQ\.INVALID_PARAMETER")])
def test_more_than_was_paid_never_goes_back(
    shop: Alipay, orders: Orders, paid: Callable[..., Asked], amount: int, reason: str
) -> None:
    with pytest.raises(ProviderRefusedError, match=reason):
        shop.refund(orders.refund(paid(), amount))


def test_the_same_number_with_another_amount_is_refused(shop: Alipay, orders: Orders, paid: Callable[..., Asked]) -> None:
    asked = orders.refund(paid(), 100)
    shop.refund(asked)

    with pytest.raises(ProviderRefusedError, match=r"ACQ\.DISCORDANT_REPEAT_REQUEST"):
        shop.refund(replace(asked, amount=101))


def test_an_empty_account_refunds_later(shop: Alipay, provider: StandIn, orders: Orders, paid: Callable[..., Asked]) -> None:
    asked = orders.refund(paid(), 100)
    provider.control("poor", is_poor=True)

    with pytest.raises(ProviderRefusedError) as refused:
        shop.refund(asked)

    assert refused.value.decline is Decline.LATER
    assert shop.ask_refund(asked).state is RefundState.UNHEARD


def test_a_refund_of_what_was_never_paid_is_unheard_of(shop: Alipay, orders: Orders) -> None:
    asked = orders.refund(orders.payment(), 100)

    assert shop.ask_refund(asked).state is RefundState.UNHEARD
    with pytest.raises(ProviderRefusedError, match=r"ACQ\.TRADE_NOT_EXIST"):
        shop.refund(asked)
