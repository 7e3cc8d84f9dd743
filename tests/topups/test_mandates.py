"""Automatic top-ups against WeChat Pay's stand-in: agreed to there, announced there, charged, declined, stopped."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Message
from chuzhi.payments import accounts, agreements, intents
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import automatic, mandates
from chuzhi.topups.mandate_texts import CURRENT
from chuzhi.topups.models import Mandate, Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.agreeing import ASKED, agreed

pytestmark = pytest.mark.django_db
Kind = mandates.Kind


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wechat")


@pytest.fixture
def provider(keys: Path) -> Iterator[StandIn]:
    with standing_in("wechat", keys) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def wallet(db: None) -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def live(mandate: Mandate, provider: StandIn, days: int) -> list[str]:
    """Days go by here and at the provider, the clock looks once on each; answers the mandate's story so far."""
    for day in range(days):
        provider.control("clock", ahead_seconds=day * 86_400)
        automatic.look(mandate.pk, timezone.now() + timedelta(days=day))
        for payment in Payment.objects.filter(stage="sent"):
            intents.ask(payment)
    return [event.kind for event in mandate.events.order_by("pk")]


def test_a_low_balance_is_announced_and_filled_once(wallet: Wallet, way: Account, provider: StandIn) -> None:
    mandate = agreed(wallet, way, provider)
    assert mandate.stage == Mandate.Stage.ACTIVE

    story = live(mandate, provider, 6)

    assert story == ["agreed", "confirmed", "announced", "charged", "credited"]
    assert queries.balance(wallet).available == 580_00
    assert provider.books()["orders"][-1]["state"] == "SUCCESS"
    assert Message.objects.filter(kind="mandate.upcoming", customer=wallet.customer).count() == 1


def test_nothing_is_charged_without_the_providers_part(wallet: Wallet, way: Account) -> None:
    mandate = mandates.agree(
        wallet=wallet, account=way, trigger=Mandate.Trigger.LOW, floor=50_00, amount=500_00, most_a_month=1000_00,
        text_version=CURRENT, key="agree", by=cast.OWNER,
    )  # fmt: skip

    automatic.look(mandate.pk, timezone.now())

    assert mandate.stage == Mandate.Stage.WAITING
    assert Order.objects.count() == 0


def test_a_storm_of_declines_tries_once_a_window_and_then_rests(wallet: Wallet, way: Account, provider: StandIn) -> None:
    mandate = agreed(wallet, way, provider)
    provider.control("outcomes", payments=["NOTENOUGH"] * 20)

    story = live(mandate, provider, 40)

    assert 1 <= story.count("charged") <= 4
    assert story.count("charged") == story.count("declined")
    assert Mandate.objects.get().stage == Mandate.Stage.PAUSED
    assert queries.balance(wallet).available == 0
    assert Message.objects.filter(kind="mandate.declined").count() == story.count("declined")


def test_stopped_it_charges_nothing_and_the_provider_is_told(wallet: Wallet, way: Account, provider: StandIn) -> None:
    mandate = agreed(wallet, way, provider)

    mandates.stop(mandate=mandate, by=cast.OWNER)
    automatic.look(mandate.pk, timezone.now())
    automatic.run_due()

    assert Order.objects.count() == 0
    mandate = Mandate.objects.select_related("agreement").get()
    assert mandate.agreement
    assert mandate.agreement.stage == "ended"
    assert [event.kind for event in mandate.events.order_by("pk")] == ["agreed", "confirmed", "ended"]


def test_ended_by_the_payer_at_the_provider_it_is_ended_here(wallet: Wallet, way: Account, provider: StandIn) -> None:
    mandate = agreed(wallet, way, provider)
    assert mandate.agreement
    provider.control("leave", code=mandate.agreement.number)

    agreements.ask(mandate.agreement)

    assert Mandate.objects.get().stage == Mandate.Stage.ENDED


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text_version": CURRENT + 1}, "mandate.text_outdated"),
        ({"trigger": Mandate.Trigger.MONTHLY, "floor": None}, "mandate.day"),
        ({"trigger": Mandate.Trigger.MONTHLY, "floor": None, "day": 32}, "mandate.day"),
        ({"floor": 0}, "amount.out_of_range"),
        ({"amount": -1}, "amount.out_of_range"),
        ({"most_a_month": 0}, "amount.out_of_range"),
    ],
)
def test_what_cannot_be_agreed_to_is_refused_and_leaves_nothing(
    wallet: Wallet, way: Account, more: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as no:
        mandates.agree(wallet=wallet, account=way, **(ASKED | more))  # type: ignore[arg-type]  # any facts

    assert no.value.code == code
    assert Mandate.objects.count() == 0


def test_one_mandate_a_wallet(wallet: Wallet, way: Account, provider: StandIn) -> None:
    agreed(wallet, way, provider)

    with pytest.raises(Refused) as no:
        agreed(wallet, way, provider, key="another")

    assert no.value.code == "mandate.exists"


def test_one_that_rests_goes_on_when_somebody_says_so(wallet: Wallet, way: Account, provider: StandIn) -> None:
    mandate = agreed(wallet, way, provider)
    mandates.pause(mandate=mandate, by=cast.OWNER)
    assert "charged" not in live(mandate, provider, 5)

    mandates.resume(mandate=mandate, by=cast.OWNER)

    assert live(mandate, provider, 5)[-1] == "credited"
