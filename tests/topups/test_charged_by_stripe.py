"""Automatic top-ups with a card that is left with Stripe: charged, declined for good or for now, and taken away on the other side."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from payments.gateways.standing_in import StandIn, ear, standing_in

import cast
import shop
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, agreements, intents, notices
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import automatic, mandates
from chuzhi.topups.mandate_texts import CURRENT
from chuzhi.topups.models import Mandate
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[StandIn]:
    with standing_in("stripe", tmp_path) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="stripe", name="Stripe", gateway="stripe", method=Method.STRIPE, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def wallet(db: None) -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


@pytest.fixture
def mandate(wallet: Wallet, way: Account, provider: StandIn) -> Mandate:
    """Agreed to by the customer, here and at Stripe."""
    asked = mandates.agree(
        wallet=wallet, account=way, trigger=Mandate.Trigger.LOW, floor=50_00, amount=500_00, most_a_month=1000_00,
        text_version=CURRENT, key="agree", by=cast.OWNER,
    )  # fmt: skip
    waiting = mandates.confirm(asked, scene=Scene.PAGE)
    assert waiting.agreement
    provider.control("pay", number=waiting.agreement.number)
    agreements.ask(waiting.agreement)
    return Mandate.objects.get(pk=waiting.pk)


def behave(mandate: Mandate, provider: StandIn, behaves: str) -> None:
    assert mandate.agreement
    provider.control("card", payment_method=mandate.agreement.provider_id.partition(":")[2], behaves=behaves)


def live(mandate: Mandate, days: int) -> list[str]:
    """Days go by, the clock looks once on each; answers the mandate's story so far."""
    for day in range(days):
        automatic.look(mandate.pk, timezone.now() + timedelta(days=day))
        for payment in Payment.objects.filter(stage="sent"):
            intents.ask(payment)
    return [event.kind for event in mandate.events.order_by("pk")]


def test_a_low_balance_is_filled_once(mandate: Mandate, wallet: Wallet, provider: StandIn) -> None:
    story = live(mandate, 8)

    assert story.count("charged") == story.count("credited") == 1
    assert queries.balance(wallet).available == 580_00
    assert [each["amount"] for each in provider.books()["payments"]] == [500_00]


def test_a_stolen_card_is_tried_once(mandate: Mandate, wallet: Wallet, provider: StandIn) -> None:
    behave(mandate, provider, "chargeDeclinedStolenCard")

    story = live(mandate, 40)

    assert (story.count("charged"), provider.books()["attempts"]) == (1, 1)
    assert Mandate.objects.get().stage != Mandate.Stage.ACTIVE
    assert queries.balance(wallet).available == 0


def test_a_storm_of_declines_is_never_a_loop(mandate: Mandate, provider: StandIn) -> None:
    behave(mandate, provider, "chargeDeclinedInsufficientFunds")

    story = live(mandate, 40)

    assert 1 <= provider.books()["attempts"] == story.count("charged") <= 4


def test_a_card_that_is_taken_away_at_stripe_ends_the_agreement(mandate: Mandate, way: Account, provider: StandIn) -> None:
    """Stripe tells it by the card and its customer alone."""
    assert mandate.agreement
    with ear() as listening:
        provider.control("endpoint", url=listening.address)
        agreements.keeps(way).release(agreement=mandate.agreement.provider_id, reason="at Stripe")
        (heard,) = listening.wait(1)
        provider.control("endpoint", url="")

    notices.receive(account=way, headers=heard.headers, body=heard.body)

    mandate.agreement.refresh_from_db()
    assert mandate.agreement.stage == "ended"
    assert mandate.agreement.ended_at
    assert mandate.agreement.ended_at <= datetime.now(UTC)
