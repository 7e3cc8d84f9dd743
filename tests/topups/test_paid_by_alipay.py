"""Orders paid through Alipay: what is Alipay's own way, and what the shop's books make of it."""

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest
from django.test import Client

import cast
import shop
from chuzhi.ledger.chart import Kind, Method
from chuzhi.payments import accounts, believing, tasks
from chuzhi.payments.gateways.contract import Scene, State, Told
from chuzhi.payments.models import Account, Incident, Notice, Payment, Refund
from chuzhi.portal import access
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.street import HERE, Street, stage_of, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def top_ups(wallet: Wallet) -> int:
    return sum(entry.outcome.kind is Kind.TOP_UP and entry.outcome.refusal is None for entry in queries.entries(wallet))


def heard(order: Order) -> None:
    """Ask the provider now, as the clock would."""
    Payment.objects.filter(subject_id=order.pk).exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.ask_about_payments()


def sent_back() -> None:
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.send_refunds()


def scanned(order: Order, code: str = "281234567890123456") -> Payment:
    return orders.pay(order=order, scene=Scene.SCANNED, circumstances=replace(HERE, code=code), by=cast.OWNER)


def test_a_page_is_waited_for_although_alipay_knows_nothing_of_it_yet(alipay: Street, wallet: Wallet) -> None:
    """There is no trade there before the payer opens the page, which may take them some minutes."""
    order = alipay.order(wallet)
    payment = alipay.begin(order, Scene.PAGE)
    Payment.objects.update(sent_at=LONG_AGO)

    heard(order)

    assert stage_of(order) == "open"
    assert Payment.objects.get().stage == Payment.Stage.SENT
    httpx.get(payment.started["url"])
    alipay.pay(payment)
    wait(lambda: stage_of(order) == "credited", "the order is credited")
    assert not Payment.objects.get().is_late


def test_a_page_that_nobody_opened_is_closed_at_the_end_of_its_time(alipay: Street, wallet: Wallet) -> None:
    order = alipay.order(wallet)
    alipay.begin(order, Scene.PAGE)
    Payment.objects.update(expires_at=LONG_AGO)

    heard(order)

    assert Payment.objects.get().stage == Payment.Stage.CLOSED


def test_a_pay_code_credits_at_once_and_its_notice_nothing_more(alipay: Street, wallet: Wallet) -> None:
    order = alipay.order(wallet)

    scanned(order)

    assert stage_of(order) == "credited"
    wait(lambda: Notice.objects.count() == 1, "its notice comes")
    assert top_ups(wallet) == 1


def test_a_pay_code_whose_answer_was_lost_is_asked_about(alipay: Street, wallet: Wallet) -> None:
    order = alipay.order(wallet)
    alipay.provider.control("faults", lose_notice=1.0)
    alipay.provider.control("next", faults=["lose_answer"])

    payment = scanned(order)

    assert payment.stage == Payment.Stage.SENT
    heard(order)
    assert (stage_of(order), top_ups(wallet)) == ("credited", 1)


def test_a_late_message_after_a_cancelled_pay_code_is_asked_about_before_it_counts(alipay: Street, wallet: Wallet) -> None:
    """The code was paid after all, then undone by the cancelling: the messages of both come in any order."""
    order = alipay.order(wallet)
    alipay.provider.control("next", faults=["late_notice", "unknown_answer"])
    payment = scanned(order)
    alipay.provider.control("cancel", number=payment.number)
    believing.payment(alipay.account, Told(number=payment.number, state=State.CLOSED))

    wait(lambda: Notice.objects.filter(verdict=Notice.Verdict.ASKED).exists(), "the late message comes")
    heard(order)

    assert (stage_of(order), top_ups(wallet)) == ("open", 0)
    assert Payment.objects.get().stage == Payment.Stage.CLOSED
    assert Payment.objects.get().next_ask_at is None


def test_a_late_message_of_money_that_stayed_is_credited_late(alipay: Street, wallet: Wallet) -> None:
    order = alipay.order(wallet)
    alipay.provider.control("next", faults=["late_notice", "unknown_answer"])
    payment = scanned(order)
    believing.payment(alipay.account, Told(number=payment.number, state=State.CLOSED))

    wait(lambda: Notice.objects.filter(verdict=Notice.Verdict.ASKED).exists(), "the late message comes")
    before = stage_of(order)
    heard(order)

    assert (before, stage_of(order), top_ups(wallet)) == ("open", "credited", 1)
    assert Payment.objects.get().is_late


def test_refunds_also_notify_and_are_no_second_payment(alipay: Street, wallet: Wallet) -> None:
    """The first leaves the trade as it was, the second closes it; neither pays or undoes anything twice."""
    order = alipay.order(wallet, 200_00)
    scanned(order)
    wait(lambda: Notice.objects.count() == 1, "the payment's notice comes")

    for amount in (50_00, 150_00):
        orders.give_back(order=order, amount=amount, reason="moves away", key=f"back {amount}", by=cast.OWNER)
        sent_back()

    wait(lambda: Notice.objects.count() == 3, "the refunds' notices come")
    assert Refund.objects.filter(stage=Refund.Stage.DONE).count() == 2
    assert (top_ups(wallet), queries.balance(wallet).principal) == (1, 0)
    assert not Incident.objects.exists()
    books = alipay.provider.books()
    assert [(each["state"], each["refunded"]) for each in books["payments"]] == [("TRADE_CLOSED", 200_00)]


def test_the_certificate_changes_in_the_middle(alipay: Street, wallet: Wallet) -> None:
    certified = alipay.provider.control("certificate_account")
    accounts.reconfigure(account=alipay.account, configuration=certified, by=cast.OWNER)
    before, after = alipay.order(wallet), alipay.order(wallet, 200_00)
    alipay.pay(alipay.begin(before))
    wait(lambda: stage_of(before) == "credited", "the first is credited")

    alipay.provider.control("change_certificate")
    alipay.pay(alipay.begin(after))

    wait(lambda: stage_of(after) == "credited", "the second is credited")
    assert not Notice.objects.filter(verdict=Notice.Verdict.FORGED).exists()


def test_a_notice_of_another_merchant_credits_nothing(alipay: Street, wallet: Wallet) -> None:
    """Its signature is Alipay's; whom it is about is not us."""
    order = alipay.order(wallet)
    payment = alipay.begin(order)
    other = alipay.provider.account | {"seller_id": "2088102180009999"}
    accounts.reconfigure(account=alipay.account, configuration=other, by=cast.OWNER)

    alipay.pay(payment)

    wait(lambda: Notice.objects.filter(verdict=Notice.Verdict.FORGED).exists(), "it is refused")
    assert (stage_of(order), top_ups(wallet)) == ("open", 0)


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return unescape(found[1])


def test_a_customer_pays_on_alipays_page_and_comes_back(alipay: Street, wallet: Wallet) -> None:
    desk = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    start = f"/pay/top-up/{access.token_of(wallet)}/"
    key = first(r'name="key" value="([^"]+)"', desk.get(start).content.decode())
    page = desk.post(start, {"key": key, "amount": "500"})["Location"]

    waiting = desk.post(page, {"method": int(Method.ALIPAY)}, follow=True).content.decode()
    link = Payment.objects.get().started["url"]
    assert link in unescape(waiting)
    assert f'href="{alipay.provider.address}"' in waiting
    cashier = httpx.get(link).text
    done = httpx.post(alipay.provider.address + first(r'action="([^"]+)"', cashier)).text

    wait(lambda: Order.objects.get().stage == "credited", "the order is credited")
    back = first(r'href="([^"]+)">返回商家', done)
    assert back.startswith(f"http://testserver{page}?")
    assert Order.objects.get().number in desk.get(back.removeprefix("http://testserver")).content.decode()


def test_an_account_is_set_up_on_a_page_in_either_mode(alipay: Street) -> None:
    owner = cast.signed_in(cast.person("administrator"))
    facts = {"name": "支付宝", "currency": "CNY", "priority": "1", "fee_percent": "0.6", "arrives_within_seconds": "60"}
    given = {"key": alipay.provider.account, "certificate": alipay.provider.control("certificate_account")}
    for mode, own in given.items():
        typed = facts | {"code": mode} | {f"own-{name}": value for name, value in own.items()}
        bad = owner.post("/console/payments/accounts/add/alipay/", typed | {"own-app_private_key": "no key"})
        made = owner.post("/console/payments/accounts/add/alipay/", typed)

        assert (bad.status_code, made.status_code) == (422, 302), bad.content.decode()
        page = owner.get(made["Location"]).content.decode()
        assert own["app_private_key"].splitlines()[1] not in page
        assert f"/api/notices/{mode}" in page
    assert Account.objects.filter(gateway="alipay").count() == 3
