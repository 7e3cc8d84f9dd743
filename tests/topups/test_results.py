"""What an order brought when its money came, and what its people are told where that is less than was shown."""

import re
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import make
import pytest
from django.test import Client
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from api.program import Program
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Message
from chuzhi.organization.models import Store, Till
from chuzhi.payments import accounts, intents
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account, Payment
from chuzhi.till import receipts
from chuzhi.topups import orders, results
from chuzhi.topups.models import Channel, Order
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import disputes, programmes, queries
from chuzhi.wallets.models import Wallet
from topups import offering

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


def placed(wallet: Wallet, amount: int = 500_00) -> Order:
    return orders.place(wallet=wallet, amount=amount, channel=Channel.LINK, key=make.key(), by=cast.OWNER)


def paid(order: Order, provider: StandIn) -> Order:
    payment = orders.pay(order=order, scene=Scene.SHOWN, circumstances=Circumstances(), by=cast.OWNER)
    provider.control("pay", number=payment.number)
    intents.ask(Payment.objects.get(pk=payment.pk))
    return Order.objects.select_related("wallet__customer").get(pk=order.pk)


def begun_and_over(order: Order) -> Payment:
    """Nobody has paid in time: the order is over and so is its payment, but the provider may still take money for it."""
    payment = orders.pay(order=order, scene=Scene.SHOWN, circumstances=Circumstances(), by=cast.OWNER)
    orders.end(order)
    Payment.objects.filter(pk=payment.pk).update(stage=Payment.Stage.CLOSED, ended_at=timezone.now())
    orders.expire()
    return Payment.objects.get(pk=payment.pk)


def disputed_away(wallet: Wallet, store: Store) -> None:
    """A top-up of 300 is spent, and the payer's bank takes it back: the wallet owes 300."""
    sold = shop.top_up(wallet, 300_00, store)
    shop.charge(wallet, 300_00, store)
    opened = disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=cast.OWNER)
    disputes.end(wallet=wallet, dispute=opened.seq, won=False, key=make.key(), by=cast.OWNER)


def test_what_was_shown_was_given_and_nobody_is_told_more(wallet: Wallet, way: Account, provider: StandIn) -> None:
    order = paid(placed(wallet), provider)

    found = results.of(order)

    assert found
    assert (order.given, order.repaid, found.added, found.why) == (80_00, 0, 580_00, ())
    assert not Message.objects.filter(kind="order.less").exists()


def test_an_offer_that_ran_out_meanwhile_is_said_plainly_everywhere(wallet: Wallet, way: Account, provider: StandIn) -> None:
    offering.offer(wallet.programme, (500_00, offering.bonus(200_00)), budget=200_00)
    late = placed(wallet)
    payment = begun_and_over(late)
    paid(placed(wallet), provider)

    provider.control("pay", number=payment.number)
    intents.ask(payment)

    order = Order.objects.select_related("wallet__customer").get(pk=late.pk)

    assert (order.bonus, order.given) == (200_00, 80_00)
    assert queries.balance(wallet).bonus == 280_00
    page = Client(headers={"Accept-Language": "en"}).get(f"/pay/order/{order.number}/").content.decode()
    assert "CN¥580.00 has been added" in page
    assert "That is not the CN¥700.00 that we showed you" in page
    assert "had run out when the payment arrived" in page
    console = cast.signed_in(cast.person("finance")).get(f"/console/orders/{order.number}/").content.decode()
    assert "580.00" in console
    assert str(results.RAN_OUT) in console
    told = Program("payments:read").get(f"/orders/{order.number}").json()["credited"]
    assert (told["added"], told["missed"], len(told["why"])) == (580_00, 120_00, 1)
    message = Message.objects.get(kind="order.less")
    assert message.customer == wallet.customer
    assert message.facts["missed"] == {"money": 120_00, "currency": "CNY"}


def test_a_receipt_proves_it_and_every_number_on_it_finds_the_order(wallet: Wallet, way: Account, provider: StandIn) -> None:
    paid(placed(wallet), provider)
    order = paid(placed(wallet), provider)
    payment = orders.paid_by(order)
    assert payment

    page = Client(headers={"Accept-Language": "en"}).get(f"/pay/order/{order.number}/receipt/").content.decode()
    told = Program("payments:read").get(f"/orders/{order.number}/receipt").json()

    assert (told["available_before"], told["available_after"], told["bonus"]) == (580_00, 1160_00, 80_00)
    assert told["provider_reference"] == payment.provider_id != ""
    for fact in (order.number, payment.number, payment.provider_id, told["code"], "CN¥580.00", "CN¥1,160.00"):
        assert fact in page
    assert "王小明" not in page
    assert receipts.find(code=told["code"], actor=cast.OWNER).number == told["operation"]
    console = cast.signed_in(cast.person("finance"))
    for number in (order.number, payment.number, payment.provider_id, told["operation"], told["code"]):
        rows = console.get("/console/orders/", {"find": number}).content.decode()
        assert rows.count("/console/orders/T") == 1, number
    assert "No order is like that" in console.get("/console/orders/", {"find": "12-99999"}).content.decode()


@pytest.mark.parametrize(("language", "tag"), [("en", b"en"), ("zh-hans", b"zh-Hans")])
def test_a_receipt_is_a_file_in_the_readers_language(
    wallet: Wallet, way: Account, provider: StandIn, language: str, tag: bytes
) -> None:
    order = paid(placed(wallet), provider)
    address = Program("payments:read").get(f"/orders/{order.number}/receipt").json()["pdf"]

    answer = Client(headers={"Accept-Language": language}).get(urlsplit(address).path)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{order.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    parts = re.findall(rb"stream\n(.*?)\nendstream", answer.content, re.DOTALL)
    assert any(b"/Lang (%s)" % tag in zlib.decompress(part) for part in parts if part[:1] == b"x")


def test_an_order_that_was_not_credited_has_no_receipt(wallet: Wallet, way: Account) -> None:
    order = placed(wallet)

    for file in ("receipt/", "receipt.pdf"):
        assert Client().get(f"/pay/order/{order.number}/{file}").status_code == 404
    answer = Program("payments:read").get(f"/orders/{order.number}/receipt")
    assert (answer.status_code, answer.json()["code"]) == (422, "order.not_credited")


def test_the_terms_are_shown_before_paying_and_kept_with_order_and_lot(wallet: Wallet, way: Account, provider: StandIn) -> None:
    order = placed(wallet)
    before = Client(headers={"Accept-Language": "en"}).get(f"/pay/order/{order.number}/").content.decode()
    programmes.revise(programme=wallet.programme, by=cast.OWNER, bonus_valid_days=30)

    order = paid(order, provider)

    assert "version 1, and how money goes back" in before
    assert "What was spent is counted in the proportion" in before
    assert order.terms
    assert (order.terms.version, order.accepted_at is not None) == (1, True)
    assert {lot.terms for lot in queries.lots(wallet)} == {order.terms_id}
    told = Program("payments:read").get(f"/orders/{order.number}").json()["terms"]
    assert (told["version"], len(told["validity"]), told["accepted_at"] is not None) == (1, 2, True)


def test_the_till_and_the_pay_link_show_the_terms(wallet: Wallet, till: Till) -> None:
    cashier = cast.signed_in(cast.person("cashier"), at=till)
    page = f"/console/till/wallets/{wallet.pk}/top-up/"
    key = re.search(r'name="key" value="([^"]+)"', cashier.get(page).content.decode())
    assert key
    confirm = cashier.get(page, {"amount": "500", "method": "CASH", "key": key[1]})
    link = cashier.get(f"/console/orders/new/{wallet.pk}/")

    assert "and how money goes back" in link.content.decode()
    assert "and how money goes back" in confirm.content.decode()


def test_a_debt_is_repaid_first_and_said_so(wallet: Wallet, store: Store, way: Account, provider: StandIn) -> None:
    disputed_away(wallet, store)

    order = paid(placed(wallet), provider)

    found = results.of(order)
    assert found
    assert (found.repaid, found.bonus, found.added) == (300_00, 80_00, 280_00)
    assert found.why == (results.REPAID,)
    assert queries.balance(wallet).available == 280_00
    assert Message.objects.get(kind="order.less").facts["repaid"] == {"money": 300_00, "currency": "CNY"}


def test_bonus_that_comes_in_parts_is_not_missed(wallet: Wallet, way: Account, provider: StandIn) -> None:
    offering.offer(wallet.programme, (500_00, offering.bonus(600_00, parts=6, every=Every.MONTH)))

    found = results.of(paid(placed(wallet), provider))

    assert found
    assert (found.bonus, found.later, found.added, found.missed) == (100_00, 500_00, 600_00, 0)
    assert not Message.objects.filter(kind="order.less").exists()
