"""The till asks for the rest of a basket by the code on a customer's phone. The provider is another process."""

import pytest
from django.test import Client

import cast
import goods
import shop
from chuzhi.organization.models import Till
from chuzhi.payments.counter import drawer
from chuzhi.payments.models import Payment, Refund
from chuzhi.till.models import Basket, CodePayment
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from console.test_baskets import begun, key_in, said, scan
from till.codes import code, heard, sent_back
from topups.street import Street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
BARCODE = "6901234567892"


@pytest.fixture
def till() -> Till:
    return cast.till(cast.store())  # committed, for the provider calls from outside


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("manager"), till)


@pytest.fixture
def wallet(till: Till) -> Wallet:
    return shop.prepaid(30_00, till.store)


@pytest.fixture
def basket(alipay: Street, counter: Client, wallet: Wallet) -> str:
    """The address of one that comes to 100 yuan, of which the wallet has 30."""
    goods.product(100_00, "礼盒", barcode=BARCODE)
    made = begun(counter, wallet)
    scan(counter, made, BARCODE)
    return made


def asked(counter: Client, basket: str, *, shown: str = "", **typed: str) -> tuple[dict[str, str], str]:
    """What is sent to pay the rest by a code, and the page that follows."""
    page = said(counter.get(f"{basket}pay/"))
    given = {"key": key_in(page), "from_wallet": "30", "by_code": "on"} | typed
    said(counter.get(f"{basket}pay/", given))
    given["typed"] = shown or code("alipay")
    return given, said(counter.post(f"{basket}pay/", given, follow=True))


def test_the_rest_is_foreseen_scanned_and_paid_at_once(counter: Client, basket: str) -> None:
    page = said(counter.get(f"{basket}pay/"))
    given = {"key": key_in(page), "from_wallet": "30", "cash": "20", "by_code": "on"}
    confirmed = said(counter.get(f"{basket}pay/", given))
    receipt = said(counter.post(f"{basket}pay/", given | {"typed": code("alipay")}, follow=True))

    assert "CN¥50.00" in confirmed
    assert "The code on the customer" in confirmed
    assert "Alipay" in receipt
    assert "CN¥50.00" in receipt


def test_a_wrong_code_is_said_where_it_is_scanned_and_nothing_is_lost(counter: Client, basket: str) -> None:
    given, page = asked(counter, basket, shown=BARCODE)

    assert "This is not a payment code" in page
    assert 'name="by_code" value="on"' in page
    assert not Payment.objects.exists()
    paid = counter.post(f"{basket}pay/", given | {"typed": code("alipay")})
    assert "/receipts/" in paid["Location"]


def test_while_the_customer_enters_a_password_the_page_waits_and_is_found_again(
    alipay: Street, counter: Client, basket: str, wallet: Wallet
) -> None:
    alipay.provider.control("ask_password")
    given, page = asked(counter, basket)

    assert "Waiting for the customer" in page
    assert "every 2s" in page
    assert "Being paid by code" in said(counter.get("/console/till/baskets/"))
    assert counter.get(basket)["Location"] == f"{basket}code/"
    assert counter.get(f"{basket}happened/{given['key']}/")["Location"] == f"{basket}code/"
    alipay.provider.control("pay", number=Payment.objects.get().number)
    assert "/receipts/" in said(counter.post(f"{basket}code/look/", follow=True)) or Basket.objects.get().state == "paid"
    assert counter.get(f"{basket}code/", headers={"HX-Request": "true"})["HX-Redirect"].startswith("/console/till/receipts/")
    assert queries.balance(wallet).available == 0


def test_refused_it_says_why_and_another_way_can_be_taken(alipay: Street, counter: Client, basket: str, wallet: Wallet) -> None:
    alipay.provider.control("decline", reason="ACQ.BUYER_BALANCE_NOT_ENOUGH")
    given, page = asked(counter, basket, cash="20")

    assert "There is not enough money behind the code" in page
    assert "Cash to hand back" in page
    assert queries.balance(wallet).available == 30_00
    again = counter.post(f"{basket}pay/", given)
    assert again["Location"] == f"{basket}code/"
    assert Payment.objects.count() == 1
    page = said(counter.get(f"{basket}pay/"))
    paid = counter.post(f"{basket}pay/", {"key": key_in(page), "from_wallet": "30", "cash": "70"})
    assert "/receipts/" in paid["Location"]


def test_given_up_the_basket_is_open_again(alipay: Street, counter: Client, basket: str) -> None:
    alipay.provider.control("ask_password")
    asked(counter, basket)

    page = said(counter.post(f"{basket}code/give-up/", follow=True))

    assert "did not confirm it in time" in page
    assert Basket.objects.get().state == "open"


def test_a_refund_that_the_provider_refused_is_seen_and_sent_again(
    alipay: Street, counter: Client, basket: str, till: Till
) -> None:
    asked(counter, basket)
    sale = Basket.objects.get().operations[0]
    book, seq = sale.split("-")
    wallet = Wallet.objects.get()
    page = said(counter.get(f"/console/till/wallets/{wallet.pk}/charges/{seq}/return/"))
    alipay.provider.control("poor", is_poor=True)
    counter.post(
        f"/console/till/wallets/{wallet.pk}/charges/{seq}/return/", {"key": key_in(page), "line_1": "1", "reason": "torn"}
    )
    sent_back()

    waiting = said(counter.get("/console/till/going-back/"))
    alipay.provider.control("poor", is_poor=False)
    made = CodePayment.objects.get()
    after = said(counter.post(f"/console/till/baskets/{made.basket_id}/code/{made.pk}/send-back/", follow=True))

    assert "CN¥70.00" in waiting
    assert "Money of customers has to go back" not in said(counter.get("/console/till/baskets/"))
    assert "Nothing waits" in after
    wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE, amount=70_00).exists(), "it is back")
    assert book


def test_the_z_report_names_it_and_leaves_the_drawer_alone(counter: Client, basket: str, till: Till) -> None:
    shift = drawer.open_shift(till=till, opened_with=0, by=cast.OWNER)
    asked(counter, basket)
    drawer.begin_count(shift=shift, by=cast.OWNER)
    closed = drawer.close(shift=shift, pieces={}, reason="", by=cast.OWNER)

    page = said(counter.get(f"/console/shifts/{shift.pk}/"))

    assert closed.difference == 0
    assert "Alipay" in page
    assert "CN¥70.00" in page


def test_nobody_without_an_account_is_offered_codes(counter: Client, wallet: Wallet) -> None:
    goods.product(100_00, "礼盒", barcode=BARCODE)
    made = begun(counter, wallet)
    scan(counter, made, BARCODE)

    assert "by_code" not in said(counter.get(f"{made}pay/"))
    heard()
