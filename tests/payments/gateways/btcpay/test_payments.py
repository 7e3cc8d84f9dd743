"""Coins that come: all, too few, too many, too late, or never confirmed; and what a bad line does to them."""

import pytest
from payments.gateways.btcpay.merchant import asked, fresh, read
from payments.gateways.standing_in import Ear, StandIn

from chuzhi.payments.gateways.btcpay.account import parse
from chuzhi.payments.gateways.btcpay.gateway import BTCPayGateway, build
from chuzhi.payments.gateways.contract import (
    ChargesLater,
    Gateway,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
    Scene,
    State,
    Told,
)


def test_it_is_a_gateway_that_charges_nobody_later(gateway: BTCPayGateway) -> None:
    whole: Gateway = gateway

    assert not isinstance(whole, ChargesLater)
    assert Scene.ABSENT not in whole.scenes


def test_coins_count_once_the_network_has_confirmed_them(gateway: BTCPayGateway, provider: StandIn, notices: Ear) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    states = [gateway.ask(wanted.number, provider_id=begun.provider_id).state]
    provider.control("pay", number=wanted.number, confirm=False)
    states.append(gateway.ask(wanted.number).state)
    provider.control("confirm", number=wanted.number)

    told = gateway.ask(wanted.number)

    assert states == [State.WAITING, State.WAITING]
    assert (told.state, told.amount, told.currency, told.merchant) == (State.PAID, 500_00, "CNY", gateway.merchant)
    assert told.paid_at is not None
    assert read(gateway, notices, "InvoiceSettled", wanted.number).content == told


@pytest.mark.parametrize("currency", ["CNY", "USD", "EUR", "JPY"])
@pytest.mark.parametrize("amount", [1, 33_33, 99_999_99])
def test_a_whole_payment_is_the_amount_that_was_asked(
    gateway: BTCPayGateway, provider: StandIn, currency: str, amount: int
) -> None:
    wanted = asked(currency=currency, amount=amount)
    gateway.start(wanted)

    provider.control("pay", number=wanted.number)

    assert gateway.ask(wanted.number).amount == amount


def test_too_much_is_paid_and_shows_in_the_reason(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked()
    gateway.start(wanted)

    provider.control("pay", number=wanted.number, share=1.2)

    told = gateway.ask(wanted.number)
    assert (told.state, told.amount, told.reason) == (State.PAID, 500_00, "PaidOver")


def test_too_little_waits_and_is_told_as_it_is_when_the_time_is_over(
    gateway: BTCPayGateway, provider: StandIn, notices: Ear
) -> None:
    wanted = asked()
    gateway.start(wanted)
    provider.control("pay", number=wanted.number, share=0.4)
    before = gateway.ask(wanted.number)

    provider.control("clock", ahead_seconds=20 * 60)

    after = gateway.ask(wanted.number)
    assert (before.state, before.reason) == (State.WAITING, "PaidPartial")
    assert (after.state, after.amount) == (State.PAID, 200_00)
    assert read(gateway, notices, "InvoiceExpired", wanted.number).content == after


def test_coins_that_come_late_are_told_once_they_are_confirmed(gateway: BTCPayGateway, provider: StandIn, notices: Ear) -> None:
    wanted = asked()
    gateway.start(wanted)
    provider.control("clock", ahead_seconds=20 * 60)
    expired = gateway.ask(wanted.number)
    provider.control("pay", number=wanted.number, confirm=False)
    seen = gateway.ask(wanted.number)

    provider.control("confirm", number=wanted.number)

    late = read(gateway, notices, "InvoicePaymentSettled", wanted.number).content
    assert [expired.state, seen.state] == [State.CLOSED, State.WAITING]
    assert isinstance(late, Told)
    assert (late.number, late.state, late.amount, late.reason) == (wanted.number, State.PAID, 500_00, "PaidLate")


def test_coins_that_were_sent_twice_elsewhere_never_count(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked()
    gateway.start(wanted)
    provider.control("pay", number=wanted.number, confirm=False)

    provider.control("fail", number=wanted.number)

    assert gateway.ask(wanted.number).state is State.CLOSED


def test_coins_on_their_way_are_waited_for_beyond_the_end_of_the_time(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked()
    gateway.start(wanted)
    provider.control("pay", number=wanted.number, share=0.5, confirm=False)
    provider.control("clock", ahead_seconds=20 * 60)

    assert gateway.ask(wanted.number).state is State.WAITING


def test_an_unpaid_invoice_is_closed_and_later_coins_are_still_heard_of(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)

    gateway.close(wanted.number, provider_id=begun.provider_id)
    gateway.close(wanted.number)
    closed = gateway.ask(wanted.number)
    provider.control("pay", number=wanted.number)

    assert closed.state is State.CLOSED
    assert gateway.ask(wanted.number).state is State.PAID


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_what_was_paid_meanwhile_cannot_be_closed(gateway: BTCPayGateway, provider: StandIn, is_confirmed: bool) -> None:
    wanted = asked()
    gateway.start(wanted)
    provider.control("pay", number=wanted.number, confirm=is_confirmed)

    with pytest.raises(ProviderRefusedError):
        gateway.close(wanted.number)


def test_one_number_is_one_invoice(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked(scene=Scene.SHOWN)

    first, second = gateway.start(wanted), gateway.start(wanted)

    assert first == second
    assert first.code == first.url
    assert len([each for each in provider.books()["payments"] if each["number"] == wanted.number]) == 1


def test_one_number_with_another_amount_is_not_sent_as_another_payment(gateway: BTCPayGateway) -> None:
    wanted = asked()
    gateway.start(wanted)

    with pytest.raises(OutcomeUnknownError):
        gateway.start(asked(wanted.number, amount=600_00))


def test_a_lost_answer_is_found_by_our_number(gateway: BTCPayGateway, provider: StandIn) -> None:
    wanted = asked()
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        gateway.start(wanted)

    assert gateway.ask(wanted.number).state is State.WAITING
    gateway.start(wanted)
    assert len([each for each in provider.books()["payments"] if each["number"] == wanted.number]) == 1


def test_a_stranger_is_unheard(gateway: BTCPayGateway) -> None:
    assert gateway.ask(fresh()).state is State.UNHEARD
    assert gateway.ask(fresh(), provider_id="nobody").state is State.UNHEARD


def test_a_busy_server_leaves_it_unknown_and_a_dead_one_got_nothing(gateway: BTCPayGateway, provider: StandIn) -> None:
    provider.control("next", faults=["refuse_busy"])

    with pytest.raises(OutcomeUnknownError):
        gateway.start(asked())
    with pytest.raises(NotSentError):
        build(parse(provider.account | {"address": "http://127.0.0.1:9"})).start(asked())


@pytest.mark.parametrize("other", [{"api_key": "0" * 40}, {"store": "0" * 32}])
def test_another_key_or_store_is_refused(provider: StandIn, other: dict[str, str]) -> None:
    gateway = build(parse(provider.account | other))

    with pytest.raises(ProviderRefusedError):
        gateway.start(asked())
    gateway.disconnect()


def test_the_servers_own_refusal_keeps_its_code(gateway: BTCPayGateway) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        gateway.start(asked(currency="KWD"))

    assert refused.value.reason == "currency"
