"""Orders paid through Stripe: its own ways, and what the shop's books make of them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import cast
import shop
from chuzhi.ledger.chart import Kind, Method
from chuzhi.payments import accounts, tasks
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Dispute, Incident, Notice, Payment, Refund
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.street import Street, stage_of, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stripe")


@pytest.fixture
def stripe(keys: Path, settings: object) -> Iterator[Street]:
    with street("stripe", Method.STRIPE, keys, settings) as made:
        made.provider.control("endpoint", url=accounts.notify_url(made.account))
        yield made


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def credited(stripe: Street, wallet: Wallet, card: str = "visa") -> Order:
    order = stripe.order(wallet)
    payment = stripe.begin(order, Scene.PAGE)
    stripe.provider.control("pay", number=payment.number, card=card)
    wait(lambda: stage_of(order) == "credited", "the order is credited")
    return order


def top_ups(wallet: Wallet) -> int:
    return sum(entry.outcome.kind is Kind.TOP_UP and entry.outcome.refusal is None for entry in queries.entries(wallet))


def heard(order: Order) -> None:
    """Ask the provider now, as the clock would."""
    Payment.objects.filter(subject_id=order.pk).exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.ask_about_payments()


def sent_back() -> None:
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.send_refunds()


@pytest.mark.parametrize("fault", ["double_notice", "late_notice", "forge_notice", "notice_first"])
def test_four_events_of_one_payment_credit_once(stripe: Street, wallet: Wallet, fault: str) -> None:
    """Stripe tells a payment by its intent and by its session; here each of them badly."""
    stripe.provider.control("faults", **{fault: 1.0})

    credited(stripe, wallet)

    wait(lambda: Notice.objects.exclude(event="").values("event").distinct().count() == 4, "all four have come")
    assert (top_ups(wallet), queries.balance(wallet).principal) == (1, 500_00)
    assert Payment.objects.get().provider_id.startswith("pi_")
    assert not Incident.objects.exists()


def test_a_declined_card_credits_nothing_and_the_next_one_does(stripe: Street, wallet: Wallet) -> None:
    order = stripe.order(wallet)
    payment = stripe.begin(order, Scene.PAGE)
    stripe.provider.control("pay", number=payment.number, card="chargeDeclinedInsufficientFunds")
    wait(lambda: Notice.objects.filter(kind="payment_intent.payment_failed").exists(), "the decline is told")

    before = stage_of(order)
    stripe.provider.control("pay", number=payment.number)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    assert before == "open"
    assert top_ups(wallet) == 1


def test_a_payment_that_nobody_tells_is_asked_for(stripe: Street, wallet: Wallet) -> None:
    stripe.provider.control("faults", lose_notice=1.0)
    order = stripe.order(wallet)
    stripe.pay(stripe.begin(order, Scene.PAGE))

    heard(order)

    assert (stage_of(order), top_ups(wallet)) == ("credited", 1)
    assert Payment.objects.get().fee == 14_80


def test_a_session_whose_making_was_not_answered_is_found_by_our_number(stripe: Street, wallet: Wallet) -> None:
    stripe.provider.control("faults", lose_notice=1.0)
    stripe.provider.control("next", faults=["lose_answer"])
    order = stripe.order(wallet)
    payment = stripe.begin(order, Scene.PAGE)
    stripe.pay(payment)

    heard(order)

    assert payment.provider_id == ""
    assert (stage_of(order), top_ups(wallet)) == ("credited", 1)


def test_a_session_that_nobody_paid_is_closed_at_the_end_of_its_time(stripe: Street, wallet: Wallet) -> None:
    order = stripe.order(wallet)
    payment = stripe.begin(order, Scene.PAGE)
    Payment.objects.update(expires_at=LONG_AGO)

    heard(order)

    assert Payment.objects.get().stage == Payment.Stage.CLOSED
    with pytest.raises(Exception, match="400"):
        stripe.pay(payment)


def test_a_refund_that_fails_after_it_was_done_is_an_incident(stripe: Street, wallet: Wallet) -> None:
    order = credited(stripe, wallet, card="refundFail")

    orders.give_back(order=order, reason="moves away", key="back", by=cast.OWNER)
    sent_back()

    wait(lambda: Incident.objects.filter(kind=Incident.Kind.REFUND_FAILED).exists(), "the failure is told")
    assert Refund.objects.get().stage == Refund.Stage.FAILED
    assert Payment.objects.get().refunded == 0


def test_a_dispute_freezes_what_it_paid_for_until_it_is_won(stripe: Street, wallet: Wallet) -> None:
    """Stripe names the payment by its own id alone."""
    credited(stripe, wallet)
    kept = stripe.order(wallet, 100_00)
    stripe.pay(stripe.begin(kept, Scene.PAGE))
    wait(lambda: stage_of(kept) == "credited", "the other order is credited")
    disputed = Payment.objects.get(amount=500_00)

    made = stripe.provider.control("dispute", number=disputed.number)
    wait(lambda: Dispute.objects.filter(stage=Dispute.Stage.OPENED).exists(), "the dispute is told")
    during = queries.balance(wallet)
    stripe.provider.control("close_dispute", dispute=made["id"], status="won")
    wait(lambda: Dispute.objects.filter(stage=Dispute.Stage.WON).exists(), "its end is told")

    assert Dispute.objects.get().payment == disputed
    assert during.available == 100_00
    assert queries.balance(wallet).available == 500_00 + 80_00 + 100_00


def test_the_books_of_both_sides_agree_after_an_hour_of_faults(stripe: Street) -> None:
    stripe.provider.control("faults", lose_answer=0.2, refuse_busy=0.2, lose_notice=0.3, double_notice=0.3, forge_notice=0.2)
    programme = shop.new_programme(bands=[])
    wallets = [shop.new_wallet(programme) for _count in range(3)]
    placed = [stripe.order(wallet, (place + 1) * 10_00) for place, wallet in enumerate(wallets * 4)]
    for order in placed:
        stripe.begin(order, Scene.PAGE)
    for number in Payment.objects.values_list("number", flat=True):
        with contextlib.suppress(OSError):  # one that was never made there
            stripe.provider.control("pay", number=number)
    stripe.provider.control("faults")
    for order in placed:
        heard(order)

    theirs = {each["number"]: each["amount"] for each in stripe.provider.books()["payments"]}
    ours = dict(Payment.objects.filter(stage=Payment.Stage.PAID).values_list("number", "amount"))
    assert ours == theirs
    assert sum(queries.balance(wallet).principal for wallet in wallets) == sum(theirs.values())
