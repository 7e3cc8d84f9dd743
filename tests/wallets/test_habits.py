"""How a customer likes to pay: as they said, or as they mostly did; chosen before they choose."""

import re

import pytest
from django.test import Client

import cast
import shop
from api.program import Program
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.portal import access
from chuzhi.wallets import habits
from chuzhi.wallets.habits import Habit
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(wallet: Wallet) -> Customer:
    assert wallet.customer
    return wallet.customer


def pays(wallet: Wallet, store: Store, *how: Method) -> None:
    for method in how:
        paper = {"slip": shop.slip()} if method is Method.TERMINAL else {}
        shop.top_up(wallet, 10_00, store, method=method, **paper)


def chosen(page: str) -> list[str]:
    return re.findall(r'name="method" value="([^"]+)"[^>]* checked', page)


def test_it_is_what_most_of_the_latest_top_ups_were_paid_by(person: Customer, wallet: Wallet, store: Store) -> None:
    assert habits.of(person) == Habit()
    pays(wallet, store, Method.TERMINAL)
    assert habits.of(person) == Habit()

    pays(wallet, store, Method.TERMINAL, Method.CASH)
    assert habits.of(person) == Habit("terminal", is_said=False)

    pays(wallet, store, *[Method.CASH] * 10)
    assert habits.of(person) == Habit("cash", is_said=False)


def test_from_all_their_wallets_and_of_nobody_else(person: Customer, wallet: Wallet, store: Store) -> None:
    pays(wallet, store, Method.TERMINAL)
    pays(shop.new_wallet(wallet.programme, person), store, Method.TERMINAL)
    pays(shop.new_wallet(wallet.programme), store, *[Method.CASH] * 3)

    assert habits.of(person).method == "terminal"
    assert habits.of(None) == Habit()


def test_what_they_said_goes_first(person: Customer, wallet: Wallet, store: Store) -> None:
    pays(wallet, store, Method.CASH, Method.CASH)

    changed = profiles.change(customer=person, preferred_method="wechat", by=cast.OWNER)

    assert habits.of(changed) == Habit("wechat", is_said=True)


def test_it_is_chosen_beforehand_at_the_till(person: Customer, wallet: Wallet, store: Store, till: Till) -> None:
    page = cast.signed_in(cast.person("cashier"), till)
    where = f"/console/till/wallets/{wallet.pk}/top-up/"
    assert chosen(page.get(where).content.decode()) == ["CASH"]

    pays(wallet, store, Method.TERMINAL, Method.TERMINAL)
    shown = page.get(where).content.decode()

    assert chosen(shown) == ["TERMINAL"]
    assert "Mostly pays by: Card terminal" in shown
    profiles.change(customer=person, preferred_method="wechat", by=cast.OWNER)
    again = page.get(where).content.decode()
    assert (chosen(again), "Prefers to pay by: WeChat Pay" in again) == (["CASH"], True)


@pytest.mark.parametrize("said", [Method.WECHAT, Method.ALIPAY])
@pytest.mark.usefixtures("wechat", "alipay")
def test_it_is_chosen_beforehand_by_the_payer(person: Customer, wallet: Wallet, said: Method) -> None:
    payer = Client(headers={"Accept-Language": "en"})
    profiles.change(customer=person, preferred_method=said.name.lower(), by=cast.OWNER)
    where = f"/pay/top-up/{access.token_of(wallet)}/"
    key = re.search(r'name="key" value="([^"]+)"', payer.get(where).content.decode())
    assert key is not None

    order = payer.post(where, {"key": key[1], "amount": "100"})
    page = payer.get(order["Location"]).content.decode()

    assert (page.count('name="method"'), chosen(page)) == (2, [str(int(said))])


def test_a_program_reads_it(person: Customer, wallet: Wallet, store: Store) -> None:
    program = Program("wallets:read")
    where = f"/customers/{person.pk}/payment-habit"
    assert program.get(where).json() == {"method": None, "is_said": False}

    pays(wallet, store, Method.CASH, Method.CASH)

    assert program.get(where).json() == {"method": "cash", "is_said": False}
    assert program.get("/customers/999999/payment-habit").status_code == 404
