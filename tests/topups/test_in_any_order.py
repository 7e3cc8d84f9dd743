"""One payment, heard of before the answer, after the refund, and in three ways at the same moment: it is credited once."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

import cast
import shop
from chuzhi.finance import bills, comparing, following
from chuzhi.finance.models import Case
from chuzhi.ledger.chart import Kind
from chuzhi.payments import believing, intents, tasks
from chuzhi.payments.gateways.contract import State, Told
from chuzhi.payments.models import Account, Notice, Payment, Refund
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.street import Street, stage_of, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def top_ups(wallet: Wallet) -> int:
    return sum(entry.outcome.kind is Kind.TOP_UP and entry.outcome.refusal is None for entry in queries.entries(wallet))


def heard(order: Order) -> None:
    Payment.objects.filter(subject_id=order.pk).exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.ask_about_payments()


def at_once(acts: Sequence[Callable[[], object]]) -> None:
    gate = threading.Barrier(len(acts))

    def go(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bill_of_today(wechat: Street) -> None:
    """As on the morning after."""
    account = Account.objects.get(pk=wechat.account.pk)
    wechat.provider.control("clock", ahead_seconds=24 * 3600)
    bills.fetch(account, bills.today_of(account))
    wechat.provider.control("clock", ahead_seconds=0)


def message_of(wechat: Street, payment: Payment) -> Callable[[], object]:
    """The provider says once more that it was paid."""
    book = wechat.provider.books()["orders"][0]
    facts = {
        "appid": wechat.provider.account["app"], "mchid": wechat.provider.account["merchant"], "out_trade_no": payment.number,
        "trade_state": "SUCCESS", "transaction_id": book["transaction_id"], "trade_type": "NATIVE", "trade_state_desc": "",
        "bank_type": "OTHERS", "success_time": book["paid_at"], "payer": {"openid": "o1"},
        "amount": {"total": payment.amount, "payer_total": payment.amount, "currency": "CNY", "payer_currency": "CNY"},
    }  # fmt: skip
    return lambda: wechat.provider.control(
        "notice", url=f"{wechat.address}/api/notices/wechat", kind="TRANSACTION.SUCCESS", original="transaction", facts=facts
    )


def test_a_message_that_comes_before_the_answer_counts_once(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    wechat.provider.control("next", faults=["notice_first"])

    payment = wechat.begin(order)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    heard(order)
    assert (top_ups(wallet), Payment.objects.get().number) == (1, payment.number)


def test_a_message_that_comes_after_the_refund_counts_for_nothing(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    wechat.provider.control("next", faults=["lose_notice"])
    wechat.pay(payment)
    heard(order)
    orders.give_back(order=order, reason="moves away", key="back", by=cast.OWNER)
    tasks.send_refunds()
    wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE).exists(), "it is paid back")

    message_of(wechat, payment)()

    wait(lambda: Notice.objects.filter(number=payment.number, kind="TRANSACTION.SUCCESS").exists(), "the message comes")
    assert Notice.objects.get(kind="TRANSACTION.SUCCESS").verdict == Notice.Verdict.NOTHING_NEW
    assert (top_ups(wallet), queries.balance(wallet).principal, stage_of(order)) == (1, 0, "credited")


@pytest.mark.parametrize("is_given_up", [False, True], ids=["under way", "given up before"])
def test_messages_questions_and_a_bill_at_the_same_moment_credit_once(
    wechat: Street, wallet: Wallet, is_given_up: bool
) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    wechat.provider.control("next", faults=["lose_notice"])
    wechat.pay(payment)
    if is_given_up:
        believing.payment(wechat.account, Told(number=payment.number, state=State.CLOSED))
    bill_of_today(wechat)
    due = Payment.objects.get().next_ask_at
    message = message_of(wechat, payment)

    asked = [lambda: intents.ask(Payment.objects.select_related("account").get())] * 3
    at_once([message, message, *asked, tasks.ask_about_payments, tasks.ask_about_payments])

    wait(lambda: Notice.objects.count() == 2, "both messages have come")
    heard(order)
    assert due is not None
    assert due <= timezone.now() + timedelta(seconds=1)
    assert (stage_of(order), top_ups(wallet), queries.balance(wallet).principal) == ("credited", 1, 500_00)


def test_money_for_what_was_given_up_is_found_by_the_bill_and_credited(wechat: Street, wallet: Wallet) -> None:
    order = wechat.order(wallet)
    payment = wechat.begin(order)
    wechat.provider.control("next", faults=["lose_notice"])
    wechat.pay(payment)
    believing.payment(wechat.account, Told(number=payment.number, state=State.CLOSED))
    bill_of_today(wechat)

    tasks.ask_about_payments()

    following.catch_up()
    comparing.match(wechat.account)
    assert (stage_of(order), Payment.objects.get().is_late) == ("credited", True)
    assert not Case.objects.exists()
