import make
import pytest

import cast
import shop
from api.program import Program
from chuzhi.customers.models import Customer
from chuzhi.insights import buying
from chuzhi.organization.models import Store
from chuzhi.till import returns, sales
from chuzhi.till.tickets import Line
from chuzhi.wallets import spending
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Customer:
    return shop.new_customer()


@pytest.fixture
def purse(programme: Programme, person: Customer, store: Store) -> Wallet:
    made = shop.new_wallet(programme, person)
    shop.top_up(made, 900_00, store)
    return made


def buys(wallet: Wallet, store: Store, *names: str) -> Moved:
    lines = [Line(name, 10_00) for name in names]
    return sales.complete(wallet=wallet, amount=10_00 * len(names), store=store.pk, lines=lines, key=make.key(), by=cast.OWNER)


def told(person: Customer) -> list[tuple[str, int]]:
    return [(one.name, one.times) for one in buying.most_often(person.pk, cast.OWNER)]


def test_the_most_often_bought_come_first_and_what_was_bought_once_is_left_out(
    purse: Wallet, person: Customer, store: Store
) -> None:
    for names in (("拿铁", "蛋糕"), ("拿铁",), ("拿铁", "红茶"), ("蛋糕",)):
        buys(purse, store, *names)

    assert told(person) == [("拿铁", 3), ("蛋糕", 2)]


def test_from_all_wallets_of_the_customer_and_of_nobody_else(
    purse: Wallet, person: Customer, store: Store, programme: Programme, funded: Wallet
) -> None:
    other = shop.new_wallet(shop.new_programme(), person)
    shop.top_up(other, 100_00, store)
    for wallet in (purse, other, funded, funded):
        buys(wallet, store, "拿铁" if wallet is not funded else "可乐")

    assert told(person) == [("拿铁", 2)]


def test_what_was_given_back_was_not_bought(purse: Wallet, person: Customer, store: Store) -> None:
    [first, _second, third] = [buys(purse, store, "拿铁", "蛋糕") for _each in range(3)]
    spending.refund(wallet=purse, charge=first.seq, amount=20_00, reason="wrong", key=make.key(), by=cast.OWNER)
    assert told(person) == [("拿铁", 2), ("蛋糕", 2)]

    returns.give_back(wallet=purse, charge=third.seq, goods={1: 1000}, reason="cold", key=make.key(), by=cast.OWNER)

    assert told(person) == [("蛋糕", 2)]


def test_on_the_customers_page_at_the_till_and_by_the_api(purse: Wallet, person: Customer, store: Store) -> None:
    for _each in range(2):
        buys(purse, store, "手冲咖啡")
    manager = cast.signed_in(cast.person("manager"), at=cast.till(store))

    assert "Buys most often" in manager.get(f"/console/customers/{person.pk}/").content.decode()
    at_till = manager.get(f"/console/till/wallets/{purse.pk}/").content.decode()
    assert "手冲咖啡 <span" in at_till
    answer = Program("wallets:read").get(f"/customers/{person.pk}/bought").json()
    assert [(one["name"], one["times"]) for one in answer["items"]] == [("手冲咖啡", 2)]
    assert Program("wallets:read").get("/customers/999/bought").json()["code"] == "customer.unknown"
