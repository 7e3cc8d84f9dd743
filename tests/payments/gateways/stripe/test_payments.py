"""Payments on Stripe's page, and what a bad line does to them."""

from datetime import UTC, datetime, timedelta

import pytest
from payments.gateways.standing_in import Ear, StandIn
from payments.gateways.stripe.merchant import agreed, asked, contents, fresh, paid

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
from chuzhi.payments.gateways.stripe.account import parse
from chuzhi.payments.gateways.stripe.gateway import StripeGateway, build


def test_it_is_a_gateway_that_charges_later(gateway: StripeGateway) -> None:
    whole: Gateway = gateway

    assert isinstance(whole, ChargesLater)


def test_the_notice_and_the_answer_say_the_same(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    answered = paid(gateway, provider)

    (told,) = contents(gateway, notices, "payment_intent.succeeded")
    (ended,) = contents(gateway, notices, "checkout.session.completed")
    assert (answered.state, answered.amount, answered.currency) == (State.PAID, 500_00, "CNY")
    assert (answered.fee, answered.merchant) == (14_80, gateway.merchant)
    for each in (told, ended):
        assert isinstance(each, Told)
        assert (each.number, each.state, each.amount) == (answered.number, State.PAID, answered.amount)
        assert (each.provider_id, each.merchant) == (answered.provider_id, answered.merchant)


def test_a_code_is_shown_for_who_pays_by_phone(gateway: StripeGateway, provider: StandIn) -> None:
    begun = gateway.start(asked(scene=Scene.SHOWN, return_url=""))

    assert begun.code == begun.url
    assert begun.url.startswith(provider.address)


def test_what_nobody_has_paid_waits_and_can_be_closed(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    before = gateway.ask(wanted.number, provider_id=begun.provider_id)

    gateway.close(wanted.number, provider_id=begun.provider_id)
    gateway.close(wanted.number, provider_id=begun.provider_id)

    assert before.state is State.WAITING
    assert gateway.ask(wanted.number, provider_id=begun.provider_id).state is State.CLOSED
    with pytest.raises(Exception, match="400"):
        provider.control("pay", number=wanted.number)


def test_what_was_paid_meanwhile_cannot_be_closed(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    provider.control("pay", number=wanted.number)

    with pytest.raises(ProviderRefusedError):
        gateway.close(wanted.number, provider_id=begun.provider_id)

    assert gateway.ask(wanted.number).state is State.PAID


def test_a_session_that_ran_out_is_closed(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    wanted = asked()
    begun = gateway.start(wanted)

    provider.control("clock", ahead_seconds=46 * 60)

    assert gateway.ask(wanted.number, provider_id=begun.provider_id).state is State.CLOSED
    later = datetime.now(UTC) + timedelta(minutes=46)
    expired = contents(gateway, notices, "checkout.session.expired", at=later, about=wanted.number)
    told = {each.number: each for each in expired if isinstance(each, Told)}
    assert told[wanted.number].state is State.CLOSED


def test_a_declined_card_leaves_the_page_open_for_another(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    provider.control("pay", number=wanted.number, card="chargeDeclinedInsufficientFunds")

    declined = gateway.ask(wanted.number, provider_id=begun.provider_id)
    provider.control("pay", number=wanted.number, card="visa")

    assert declined.state is State.WAITING
    assert gateway.ask(wanted.number, provider_id=begun.provider_id).state is State.PAID


def test_the_payers_bank_is_asked_first(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    begun = gateway.start(wanted)
    provider.control("pay", number=wanted.number, card="authenticationRequired")
    before = gateway.ask(wanted.number, provider_id=begun.provider_id)

    provider.control("confirm", number=wanted.number)

    assert before.state is State.WAITING
    assert gateway.ask(wanted.number, provider_id=begun.provider_id).state is State.PAID


def test_one_number_is_one_payment(gateway: StripeGateway) -> None:
    wanted = asked()

    assert gateway.start(wanted).provider_id == gateway.start(wanted).provider_id


def test_one_number_with_another_amount_is_not_sent_as_another_payment(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    gateway.start(wanted)

    with pytest.raises(OutcomeUnknownError, match="this number"):
        gateway.start(asked(wanted.number, amount=600_00))

    assert gateway.ask(wanted.number).amount == 500_00


def test_a_stranger_is_unheard(gateway: StripeGateway) -> None:
    number = fresh()

    assert gateway.ask(number).state is State.UNHEARD
    assert gateway.ask(number, provider_id="cs_test_nobody").state is State.UNHEARD
    assert gateway.ask(number, provider_id="pi_nobody").state is State.UNHEARD


@pytest.mark.parametrize("given", ["../customers", "pi_x?expand=1", "cs_x/expire", ""])
def test_an_id_is_no_path(gateway: StripeGateway, given: str) -> None:
    with pytest.raises(ProviderRefusedError):
        gateway.release(agreement=f"cus_x:{given}", reason="")


def test_a_lost_answer_is_found_by_our_number_alone(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = asked()
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        gateway.start(wanted)

    assert gateway.ask(wanted.number).state is State.WAITING
    assert gateway.start(wanted).provider_id.startswith("cs_")


def test_a_lost_charge_is_found_before_and_after_stripes_index_knows_it(gateway: StripeGateway, provider: StandIn) -> None:
    agreement = agreed(gateway, provider)
    wanted = asked(scene=Scene.ABSENT, agreement=agreement.provider_id)
    provider.control("next", faults=["lose_answer"])
    with pytest.raises(OutcomeUnknownError):
        gateway.start(wanted)

    young = gateway.ask(wanted.number)
    provider.control("clock", ahead_seconds=7200)
    old = gateway.ask(wanted.number)

    assert young == old
    assert old.state is State.PAID


def test_a_busy_provider_leaves_it_unknown(gateway: StripeGateway, provider: StandIn) -> None:
    provider.control("next", faults=["refuse_busy"])

    with pytest.raises(OutcomeUnknownError):
        gateway.start(asked())


def test_nobody_there_means_nothing_was_sent(provider: StandIn) -> None:
    gateway = build(parse(provider.account | {"address": "http://127.0.0.1:9"}))

    with pytest.raises(NotSentError):
        gateway.start(asked())


def test_a_wrong_key_is_refused(provider: StandIn) -> None:
    gateway = build(parse(provider.account | {"secret_key": "sk_test_of_somebody_else"}))

    with pytest.raises(ProviderRefusedError):
        gateway.start(asked())
    gateway.disconnect()


def test_stripes_own_refusal_keeps_its_code(gateway: StripeGateway) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        gateway.start(asked(amount=10, currency="USD"))

    assert refused.value.reason == "amount_too_small"
