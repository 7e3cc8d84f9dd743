"""Money that goes back: asked for by us, or taken by the payer's bank."""

import pytest
from payments.gateways.standing_in import Ear, StandIn
from payments.gateways.stripe.merchant import asked, contents, fresh, paid, refund_of

from chuzhi.payments.gateways.contract import (
    DisputeState,
    DisputeTold,
    ProviderRefusedError,
    RefundState,
    RefundTold,
    State,
    Told,
)
from chuzhi.payments.gateways.stripe.gateway import StripeGateway


def test_a_refund_is_made_once(gateway: StripeGateway, provider: StandIn) -> None:
    payment = paid(gateway, provider)
    wanted = refund_of(payment, 200_00)

    first, second = gateway.refund(wanted), gateway.refund(wanted)

    assert first == second == gateway.ask_refund(wanted)
    assert (first.state, first.amount, first.payment) == (RefundState.DONE, 200_00, payment.number)
    (booked,) = [each for each in provider.books()["payments"] if each["number"] == payment.number]
    assert booked["refunded"] == 200_00


def test_no_more_goes_back_than_was_paid(gateway: StripeGateway, provider: StandIn) -> None:
    payment = paid(gateway, provider)
    gateway.refund(refund_of(payment, 400_00))

    with pytest.raises(ProviderRefusedError):
        gateway.refund(refund_of(payment, 100_01))

    assert gateway.refund(refund_of(payment, 100_00)).state is RefundState.DONE


def test_a_refund_finds_its_payment_by_whatever_is_known(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    provider.control("pay", number=wanted.number)
    unpaid = gateway.start(asked(number := fresh()))

    by_session = refund_of(Told(number=wanted.number, state=State.PAID, currency="CNY", provider_id=begun.provider_id), 1_00)
    by_number = refund_of(Told(number=wanted.number, state=State.PAID, currency="CNY"), 1_00)
    nothing = refund_of(Told(number=number, state=State.PAID, currency="CNY", provider_id=unpaid.provider_id), 1_00)

    assert gateway.refund(by_session).state is RefundState.DONE
    assert gateway.refund(by_number).state is RefundState.DONE
    assert gateway.ask_refund(refund_of(gateway.ask(wanted.number), 1_00)).state is RefundState.UNHEARD
    with pytest.raises(ProviderRefusedError):
        gateway.refund(nothing)


def test_a_refund_that_waits_is_told_when_it_is_done(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    wanted = refund_of(paid(gateway, provider, card="pendingRefund"))
    begun = gateway.refund(wanted)

    provider.control("refund", number=wanted.number, status="succeeded")

    told = contents(gateway, notices, "refund.updated")[-1]
    assert begun.state is RefundState.PROCESSING
    assert isinstance(told, RefundTold)
    assert (told.number, told.state, told.amount) == (wanted.number, RefundState.DONE, 500_00)


def test_a_refund_that_was_done_can_fail_later(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    wanted = refund_of(paid(gateway, provider, card="refundFail"))
    begun = gateway.refund(wanted)

    (told,) = contents(gateway, notices, "refund.failed")

    assert begun.state is RefundState.DONE
    assert isinstance(told, RefundTold)
    assert (told.number, told.state, told.reason) == (wanted.number, RefundState.FAILED, "expired_or_canceled_card")
    assert gateway.ask_refund(wanted).state is RefundState.FAILED


@pytest.mark.parametrize(("status", "state"), [("won", DisputeState.WON), ("lost", DisputeState.LOST)])
def test_a_dispute_is_opened_and_ends(
    gateway: StripeGateway, provider: StandIn, notices: Ear, status: str, state: DisputeState
) -> None:
    payment = paid(gateway, provider)
    made = provider.control("dispute", number=payment.number)
    provider.control("close_dispute", dispute=made["id"], status=status)

    (opened,) = contents(gateway, notices, "charge.dispute.created")
    (closed,) = contents(gateway, notices, "charge.dispute.closed")

    assert isinstance(opened, DisputeTold)
    assert (opened.state, opened.amount, opened.reason) == (DisputeState.OPENED, 500_00, "fraudulent")
    assert opened.answer_by is not None
    assert isinstance(closed, DisputeTold)
    assert closed.state is state
    assert (closed.dispute, closed.provider_id) == (opened.dispute, payment.provider_id)
