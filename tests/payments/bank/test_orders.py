"""An order paid by bank transfer, from the page that shows the account to the credit."""

import pytest
from django.test import Client
from payments.bank import statements

import cast
from chuzhi.payments.bank import intake
from chuzhi.payments.models import Account
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return statements.account(arrives_within_seconds=86_400)


@pytest.fixture
def order(wallet: Wallet) -> Order:
    return orders.place(wallet=wallet, amount=500_00, channel=Order.Channel.LINK, key="order-1", by=cast.OWNER)


def test_the_page_shows_where_to_transfer_and_the_statement_credits_with_bonus(account: Account, order: Order) -> None:
    address = f"/pay/order/{order.number}/"
    payer = Client(headers={"accept-language": "en"})
    assert payer.post(address, {"method": account.method}).status_code == 302
    [payment] = orders.payments_of(order)
    shown = payer.get(address).content.decode()
    reference = payment.started["facts"]["reference"]

    rows = [statements.row("500.00", reference, "王小明", "S1")]
    intake.take_in(account=account, content=statements.content(*rows), file_name="x.csv", by=cast.OWNER)

    assert reference in shown
    assert statements.FACTS["holder"] in shown
    order.refresh_from_db()
    assert order.stage == Order.Stage.CREDITED
    assert queries.balance(order.wallet).available == 580_00
    assert "has been added" in payer.get(address).content.decode()


def test_the_customers_name_is_enough_when_the_reference_was_forgotten(account: Account, order: Order) -> None:
    orders.pay(order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER)

    statements.take_in(account, statements.row("500.00", "充值", "王小明"))

    order.refresh_from_db()
    assert order.stage == Order.Stage.CREDITED
