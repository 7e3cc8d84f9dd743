"""Money back, through the stand-in."""

import pytest
from payments.gateways.standing_in import Ear, StandIn
from payments.gateways.wechat.merchant import back, heard

from chuzhi.payments.gateways.contract import (
    Asked,
    Decline,
    OutcomeUnknownError,
    ProviderRefusedError,
    RefundState,
    RefundTold,
    State,
)
from chuzhi.payments.gateways.wechat.gateway import WeChatPay


def test_a_refund_is_taken_on_and_its_end_is_told(wechat: WeChatPay, paid: Asked, listening: Ear) -> None:
    asked_back = back(paid, 30_00)

    first = wechat.refund(asked_back)

    told = heard(wechat, listening.wait()[0])
    assert first.state is RefundState.PROCESSING
    assert isinstance(told, RefundTold)
    assert (told.number, told.payment, told.state, told.amount) == (asked_back.number, paid.number, RefundState.DONE, 30_00)
    assert told.merchant == wechat.merchant
    assert wechat.ask_refund(asked_back) == told


def test_a_refund_asked_for_twice_is_one(provider: StandIn, wechat: WeChatPay, paid: Asked) -> None:
    asked_back = back(paid, 30_00)

    first, second = wechat.refund(asked_back), wechat.refund(asked_back)

    assert first.provider_id == second.provider_id
    order = next(order for order in provider.books()["orders"] if order["number"] == paid.number)
    assert [each["amount"] for each in order["refunds"]] == [30_00]


@pytest.mark.parametrize("outcome", ["ABNORMAL", "CLOSED"])
def test_a_refund_that_the_provider_cannot_make_has_failed(
    provider: StandIn, wechat: WeChatPay, paid: Asked, listening: Ear, outcome: str
) -> None:
    asked_back = back(paid, 30_00)
    provider.control("outcomes", refunds=["HOLD"])

    first = wechat.refund(asked_back)
    processing = wechat.ask_refund(asked_back)
    provider.control("settle", number=asked_back.number, status=outcome)

    told = heard(wechat, listening.wait()[0])
    assert first.state is processing.state is RefundState.PROCESSING
    assert isinstance(told, RefundTold)
    assert (told.state, told.reason) == (RefundState.FAILED, outcome)
    assert wechat.ask_refund(asked_back).state is RefundState.FAILED


def test_more_than_was_paid_does_not_go_back(wechat: WeChatPay, paid: Asked) -> None:
    wechat.refund(back(paid, 80_00))

    with pytest.raises(ProviderRefusedError, match="申请退款总金额超过订单金额"):
        wechat.refund(back(paid, 30_00))


def test_a_refund_without_money_to_pay_it_is_refused(provider: StandIn, wechat: WeChatPay, paid: Asked) -> None:
    provider.control("outcomes", refunds=["NOT_ENOUGH"])

    with pytest.raises(ProviderRefusedError) as refused:
        wechat.refund(back(paid, 30_00))

    assert (refused.value.reason, refused.value.decline) == ("NOT_ENOUGH", Decline.LATER)


def test_a_refund_that_never_arrived_is_unheard(wechat: WeChatPay, paid: Asked) -> None:
    assert wechat.ask_refund(back(paid, 1)).state is RefundState.UNHEARD


def test_a_refund_whose_answer_was_lost_can_be_asked_about(provider: StandIn, wechat: WeChatPay, paid: Asked) -> None:
    asked_back = back(paid, 30_00)
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        wechat.refund(asked_back)

    assert wechat.ask_refund(asked_back).amount == 30_00


def test_a_payment_of_which_some_went_back_is_still_paid(wechat: WeChatPay, paid: Asked) -> None:
    wechat.refund(back(paid, 30_00))

    told = wechat.ask(paid.number)

    assert (told.state, told.amount) == (State.PAID, 100_00)
