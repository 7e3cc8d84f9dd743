"""Cards that are left with Stripe, charges when nobody is there, and what a decline means."""

import pytest
from payments.gateways.standing_in import Ear, StandIn
from payments.gateways.stripe.merchant import SHOP, agreed, asked, contents, fresh

from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    Decline,
    ProviderRefusedError,
    Scene,
    State,
)
from chuzhi.payments.gateways.stripe import declines
from chuzhi.payments.gateways.stripe.gateway import StripeGateway


def test_an_agreement_is_signed_and_charged(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    agreement = agreed(gateway, provider)

    charged = gateway.start(asked(scene=Scene.ABSENT, agreement=agreement.provider_id)).told

    assert agreement.state is AgreementState.SIGNED
    (told,) = contents(gateway, notices, "setup_intent.succeeded")
    assert isinstance(told, AgreementTold)
    assert (told.number, told.state, told.provider_id) == (agreement.number, agreement.state, agreement.provider_id)
    assert contents(gateway, notices, "checkout.session.completed") == [None]
    assert charged is not None
    assert (charged.state, charged.amount, charged.payer) == (State.PAID, 500_00, agreement.payer)
    assert charged.fee == 14_80


def test_an_agreement_waits_for_its_payer_and_ends_with_its_session(gateway: StripeGateway, provider: StandIn) -> None:
    wanted = AgreementAsked(number=fresh(), shown_name="自动充值", scene=Scene.SHOWN, notify_url=f"{SHOP}/n")
    begun = gateway.agree(wanted)
    before = gateway.ask_agreement(wanted.number)

    provider.control("clock", ahead_seconds=25 * 3600)

    assert begun.code
    assert before.state is AgreementState.WAITING
    assert gateway.ask_agreement(wanted.number, provider_id=begun.provider_id).state is AgreementState.ENDED
    assert gateway.ask_agreement(fresh()).state is AgreementState.UNHEARD


@pytest.mark.parametrize(
    ("behaves", "decline", "reason"),
    [
        ("chargeDeclinedInsufficientFunds", Decline.LATER, "insufficient_funds"),
        ("chargeDeclinedVelocityLimitExceeded", Decline.LATER, "card_velocity_exceeded"),
        ("chargeDeclinedProcessingError", Decline.LATER, "processing_error"),
        ("chargeDeclined", Decline.ASK, "generic_decline"),
        ("chargeDeclinedDoNotHonor", Decline.ASK, "do_not_honor"),
        ("chargeDeclinedIncorrectCvc", Decline.ASK, "incorrect_cvc"),
        ("authenticationRequired", Decline.ASK, "authentication_required"),
        ("actionRequired", Decline.ASK, "requires_action"),
        ("chargeDeclinedLostCard", Decline.NEVER, "lost_card"),
        ("chargeDeclinedStolenCard", Decline.NEVER, "stolen_card"),
        ("chargeDeclinedFraudulent", Decline.NEVER, "fraudulent"),
        ("chargeDeclinedExpiredCard", Decline.NEVER, "expired_card"),
        ("chargeDeclinedDoNotTryAgain", Decline.NEVER, "generic_decline"),
    ],
)
def test_a_declined_charge_says_what_the_next_attempt_is_worth(
    gateway: StripeGateway, provider: StandIn, behaves: str, decline: Decline, reason: str
) -> None:
    agreement = agreed(gateway, provider)
    provider.control("card", payment_method=agreement.provider_id.partition(":")[2], behaves=behaves)
    wanted = asked(scene=Scene.ABSENT, agreement=agreement.provider_id)

    begun = gateway.start(wanted)

    later = gateway.ask(wanted.number, provider_id=begun.provider_id)
    for told in (begun.told, later):
        assert told is not None
        assert (told.number, told.state, told.decline, told.reason) == (wanted.number, State.FAILED, decline, reason)


def test_the_networks_advice_does_not_revive_a_stolen_card() -> None:
    error = {"type": "card_error", "decline_code": "stolen_card", "advice_code": "try_again_later"}

    assert declines.meaning(error) is Decline.NEVER


def test_a_released_agreement_has_ended_and_charges_nothing(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    agreement = agreed(gateway, provider)

    gateway.release(agreement=agreement.provider_id, reason="顾客停用")
    gateway.release(agreement=agreement.provider_id, reason="顾客停用")

    (told,) = contents(gateway, notices, "payment_method.detached")
    assert isinstance(told, AgreementTold)
    assert (told.state, told.provider_id) == (AgreementState.ENDED, agreement.provider_id)
    assert gateway.ask_agreement(agreement.number, provider_id=agreement.provider_id).state is AgreementState.ENDED
    with pytest.raises(ProviderRefusedError):
        gateway.start(asked(scene=Scene.ABSENT, agreement=agreement.provider_id))
