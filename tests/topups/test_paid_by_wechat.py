"""Orders paid through WeChat Pay: the provider is another process, its messages come over a socket, and much goes wrong."""

import pytest

import cast
import shop
from chuzhi.ledger.chart import Kind, Method
from chuzhi.payments import accounts, intents, tasks
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Incident, Notice, Payment, Refund
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import accounts as wallets
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.street import Street, stage_of, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def top_ups(wallet: Wallet) -> int:
    return sum(entry.outcome.kind is Kind.TOP_UP and entry.outcome.refusal is None for entry in queries.entries(wallet))


def heard(order: Order) -> None:
    """Ask the provider now, as the clock would."""
    Payment.objects.filter(subject_id=order.pk).exclude(next_ask_at=None).update(next_ask_at="2020-01-01T00:00Z")
    tasks.ask_about_payments()


def sent_back() -> None:
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at="2020-01-01T00:00Z")
    tasks.send_refunds()


def test_a_paid_order_is_credited_with_its_bonus(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)

    wechat.pay(payment)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    balance = queries.balance(wallet)
    assert (balance.principal, balance.bonus) == (500_00, 80_00)
    assert Payment.objects.get().provider_id == wechat.provider.books()["orders"][0]["transaction_id"]


def test_the_same_way_again_is_the_same_payment(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)

    first, second = wechat.begin(order), wechat.begin(order)

    assert first.number == second.number
    assert len(wechat.provider.books()["orders"]) == 1


@pytest.mark.parametrize("fault", ["double_notice", "late_notice", "forge_notice"])
def test_notices_that_come_twice_late_or_forged_credit_once(wechat: Street, wallet: Wallet, fault: str) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)

    wechat.provider.control("next", faults=[fault])
    wechat.pay(payment)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    heard(order)
    assert top_ups(wallet) == 1
    forged = Notice.objects.filter(verdict=Notice.Verdict.FORGED).count()
    assert forged == (1 if fault == "forge_notice" else 0)


def test_a_notice_that_never_comes_is_asked_for(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    wechat.provider.control("next", faults=["lose_notice"])
    wechat.pay(payment)

    heard(order)

    assert stage_of(order) == "credited"
    assert Notice.objects.count() == 0


def test_an_order_whose_making_was_not_answered_is_found_again(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    wechat.provider.control("next", faults=["lose_answer"])

    payment = wechat.begin(order)

    assert payment.stage == Payment.Stage.SENT
    wechat.pay(payment)
    wait(lambda: stage_of(order) == "credited", "the order is credited")


def test_money_that_comes_after_the_order_was_given_up_is_credited(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    Order.objects.filter(pk=order.pk).update(expires_at="2090-01-01T00:00Z", stage=Order.Stage.EXPIRED)

    wechat.pay(payment)

    wait(lambda: stage_of(order) == "credited", "the order is credited")


def test_an_unpaid_order_is_closed_at_the_provider(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    intents.give_up(payment=payment)

    heard(order)

    assert Payment.objects.get().stage == Payment.Stage.CLOSED
    assert wechat.provider.books()["orders"][0]["state"] == "CLOSED"


def test_money_for_a_frozen_wallet_goes_back(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    wallets.freeze(wallet=wallet, reason="lost card", key="freeze", by=cast.OWNER)

    wechat.pay(payment)

    wait(lambda: stage_of(order) == "owed", "the money is owed")
    sent_back()
    wait(lambda: stage_of(order) == "returned", "the money is back")
    assert wechat.provider.books()["orders"][0]["refunds"][0]["amount"] == 500_00
    assert top_ups(wallet) == 0


def test_an_order_paid_in_two_ways_is_credited_once_and_the_second_goes_back(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    first = wechat.begin(order, Scene.SHOWN)
    second = wechat.begin(order, Scene.PHONE)

    wechat.pay(first)
    wechat.pay(second)

    wait(lambda: Payment.objects.filter(stage="paid").count() == 2, "both are heard of")
    sent_back()
    wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE).count() == 1, "one goes back")
    assert top_ups(wallet) == 1
    assert sum(payment.refunded for payment in Payment.objects.all()) == 500_00


def test_what_is_unspent_goes_back_the_way_it_was_paid(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    wechat.pay(wechat.begin(order))
    wait(lambda: stage_of(order) == "credited", "the order is credited")

    refund = orders.give_back(order=order, amount=100_00, reason="moves away", key="back", by=cast.OWNER)
    again = orders.give_back(order=order, amount=100_00, reason="moves away", key="back", by=cast.OWNER)

    sent_back()
    wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE).count() == 1, "it is paid back")
    assert refund == again
    balance = queries.balance(wallet)
    assert (balance.principal, balance.bonus) == (400_00, 64_00)
    assert wechat.provider.books()["orders"][0]["refunds"][0]["amount"] == 100_00


def test_a_refund_that_fails_there_is_an_incident_and_the_money_can_be_asked_for_again(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    wechat.pay(wechat.begin(order))
    wait(lambda: stage_of(order) == "credited", "the order is credited")
    wechat.provider.control("outcomes", refunds=["ABNORMAL"])

    orders.give_back(order=order, amount=100_00, reason="moves away", key="back", by=cast.OWNER)

    sent_back()
    wait(lambda: Incident.objects.filter(kind=Incident.Kind.REFUND_FAILED).exists(), "somebody is told")
    assert Payment.objects.get().refunded == 0


def test_a_notice_of_another_amount_credits_nothing(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    books = wechat.provider.account
    wechat.provider.control(
        "notice", url=f"{wechat.address}/api/notices/wechat", kind="TRANSACTION.SUCCESS", original="transaction",
        facts={
            "appid": books["app"], "mchid": books["merchant"], "out_trade_no": payment.number, "trade_state": "SUCCESS",
            "transaction_id": "4200000000202611220000000001", "trade_type": "NATIVE", "trade_state_desc": "",
            "bank_type": "OTHERS", "success_time": "2026-11-22T10:00:00+08:00", "payer": {"openid": "o1"},
            "amount": {"total": 1, "payer_total": 1, "currency": "CNY", "payer_currency": "CNY"},
        },
    )  # fmt: skip

    wait(Incident.objects.exists, "somebody is told")

    assert Notice.objects.get().verdict == Notice.Verdict.MISMATCH
    assert (stage_of(order), top_ups(wallet)) == ("open", 0)


def test_the_providers_certificate_changes_in_the_middle(wechat: Street, wallet: Wallet) -> None:
    before, after = wechat.order(wallet), wechat.order(wallet, 200_00)
    wechat.pay(wechat.begin(before))
    wait(lambda: stage_of(before) == "credited", "the first is credited")

    wechat.provider.control("rotate")
    wechat.pay(wechat.begin(after))

    wait(lambda: stage_of(after) == "credited", "the second is credited")


def test_a_provider_that_is_down_is_passed_over_for_another_account(wechat: Street, wallet: Wallet) -> None:
    accounts.open_account(
        code="dead", name="dead", gateway="wechat", method=Method.WECHAT, currency="CNY", priority=1, by=cast.OWNER,
        configuration=wechat.provider.account | {"address": "http://127.0.0.1:9"},
    )  # fmt: skip
    order = wechat.order(wallet)

    payment = wechat.begin(order)

    assert payment.account == wechat.account
    assert Payment.objects.get(account__code="dead").reason == "not_sent"
