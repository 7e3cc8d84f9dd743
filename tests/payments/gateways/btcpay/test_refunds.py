"""Money that goes back waits until the payer says where to, and the bill of a day."""

from datetime import UTC, datetime

import pytest
from payments.gateways.btcpay.merchant import asked, refund_of
from payments.gateways.standing_in import StandIn

from chuzhi.payments.gateways.btcpay.gateway import BTCPayGateway
from chuzhi.payments.gateways.contract import LineKind, OutcomeUnknownError, ProviderRefusedError, RefundState, Told


def paid(gateway: BTCPayGateway, provider: StandIn, share: float = 1) -> Told:
    wanted = asked()
    gateway.start(wanted)
    provider.control("pay", number=wanted.number, share=share)
    return gateway.ask(wanted.number)


def test_a_refund_waits_for_its_payer_and_is_done_when_they_have_it(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = refund_of(paid(gateway, provider), 200_00)
    begun = gateway.refund(wanted)

    provider.control("claim", number=wanted.number)

    done = gateway.ask_refund(wanted)
    assert (begun.state, begun.reason, begun.amount) == (RefundState.PROCESSING, "unclaimed", 200_00)
    assert gateway.claim_url(begun.provider_id).startswith(f"{provider.address}/pull-payments/")
    assert (done.state, done.amount, done.provider_id) == (RefundState.DONE, 200_00, begun.provider_id)


def test_a_refund_is_made_once(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = refund_of(paid(gateway, provider), 200_00)
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        gateway.refund(wanted)

    assert gateway.refund(wanted) == gateway.ask_refund(wanted)
    assert len([each for each in provider.books()["refunds"] if each["number"] == wanted.number]) == 1


def test_a_refund_that_is_claimed_in_part_waits_for_the_rest(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = refund_of(paid(gateway, provider), 200_00)
    gateway.refund(wanted)

    provider.control("claim", number=wanted.number, amount="150.00")
    partly = gateway.ask_refund(wanted)
    provider.control("claim", number=wanted.number, amount="50.00", state="InProgress")

    assert (partly.state, partly.reason) == (RefundState.PROCESSING, "partly_claimed")
    assert gateway.ask_refund(wanted).state is RefundState.PROCESSING


def test_a_refund_that_was_taken_away_has_failed(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = refund_of(paid(gateway, provider), 200_00)
    unheard = gateway.ask_refund(wanted)
    gateway.refund(wanted)

    provider.control("archive", number=wanted.number)

    assert unheard.state is RefundState.UNHEARD
    assert gateway.ask_refund(wanted).state is RefundState.FAILED


def test_what_nobody_paid_is_not_refunded(gateway: BTCPayGateway) -> None:
    wanted = asked()
    gateway.start(wanted)

    with pytest.raises(ProviderRefusedError):
        gateway.refund(refund_of(gateway.ask(wanted.number), 1_00))


def test_the_bill_shows_what_came_and_what_went(gateway: BTCPayGateway, provider: StandIn) -> None:
    whole, more = paid(gateway, provider), paid(gateway, provider, share=1.2)
    refund = refund_of(whole, 200_00)
    gateway.refund(refund)
    provider.control("claim", number=refund.number)
    unpaid = asked()
    gateway.start(unpaid)

    bill = gateway.bill(datetime.now(UTC).date())

    lines = {each.number: each for each in bill.lines}
    assert (lines[whole.number].kind, lines[whole.number].amount, lines[whole.number].fee) == (LineKind.PAYMENT, 500_00, 0)
    assert lines[more.number].amount == 600_00
    assert (lines[refund.number].kind, lines[refund.number].amount) == (LineKind.REFUND, -200_00)
    assert unpaid.number not in lines
