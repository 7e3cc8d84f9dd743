import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.console.listings import tasks
from chuzhi.console.lists import sources
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.models import Lot
from chuzhi.organization.lists.models import BulkRow, SavedView, TakenList
from chuzhi.organization.models import Store

pytestmark = pytest.mark.django_db
HERE = "/console/customers/"


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("manager"))


@pytest.fixture
def held(store: Store) -> dict[str, Customer]:
    """Ann holds 300.00 in two wallets, Bob 100.00, Cleo nothing in one wallet; Dora has no wallet."""
    one, other = shop.new_programme(), shop.new_programme()
    people = {name: profiles.register(name=name, by=cast.OWNER) for name in ("Ann", "Bob", "Cleo", "Dora")}
    for name, programme, amount in (("Ann", one, 100_00), ("Ann", other, 250_00), ("Bob", one, 100_00), ("Cleo", one, 0)):
        wallet = shop.new_wallet(programme, people[name])
        if amount:
            shop.top_up(wallet, amount, store)
        if amount == 250_00:
            shop.charge(wallet, 50_00, store)
    return people


def names(answer: Any) -> list[str]:
    return re.findall(r'<a class="link" href="/console/customers/\d+/">([^<]+)</a>', answer.content.decode())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"balance_least": "0.01"}, ["Ann", "Bob"]),
        ({"balance_least": "100"}, ["Ann", "Bob"]),
        ({"balance_least": "100.01"}, ["Ann"]),
        ({"balance_least": "300"}, ["Ann"]),
        ({"balance_least": "300.01"}, []),
        ({"balance_least": "0"}, ["Ann", "Bob", "Cleo"]),
        ({"balance_most": "0"}, ["Cleo"]),
        ({"balance_most": "299.99"}, ["Bob", "Cleo"]),
        ({"balance_least": "１００", "balance_most": "100.00"}, ["Bob"]),
    ],
)
@pytest.mark.usefixtures("held")
def test_all_wallets_together_from_an_amount_to_an_amount(page: Client, asked: dict[str, str], found: list[str]) -> None:
    assert names(page.get(HERE, asked)) == found


@pytest.mark.usefixtures("held")
def test_what_has_expired_is_not_held(page: Client) -> None:
    Lot.objects.update(expires_at=timezone.now())

    assert names(page.get(HERE, {"balance_least": "0.01"})) == []
    assert names(page.get(HERE, {"balance_most": "0"})) == ["Ann", "Bob", "Cleo"]


@pytest.mark.usefixtures("held")
def test_another_currency_is_another_balance(page: Client, store: Store) -> None:
    assert 'name="currency"' not in page.get(HERE).content.decode()
    eve = profiles.register(name="Eve", by=cast.OWNER)
    shop.top_up(shop.new_wallet(shop.new_programme(asset="USD"), eve), 500_00, store)

    assert names(page.get(HERE, {"balance_least": "200"})) == ["Ann"]
    assert names(page.get(HERE, {"balance_least": "200", "currency": "USD"})) == ["Eve"]
    assert page.get(HERE, {"balance_least": "200", "currency": "EUR"}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"balance_least": "much"}, "much"),
        ({"balance_least": "-5"}, "-5"),
        ({"balance_least": "1.001"}, "1.001"),
        ({"balance_least": "20", "balance_most": "10"}, "less than the least"),
    ],
)
@pytest.mark.usefixtures("held")
def test_what_is_no_amount_is_said_at_its_field(page: Client, asked: dict[str, str], complaint: str) -> None:
    answer = page.get(HERE, asked)

    assert answer.status_code == 422
    assert complaint in answer.content.decode()
    assert names(answer) == []


def test_where_nothing_is_held_nobody_is_found(page: Client) -> None:
    profiles.register(name="Ann", by=cast.OWNER)

    assert page.get(HERE, {"balance_least": "1"}).status_code == 422
    shop.new_wallet(shop.new_programme(), Customer.objects.get())
    assert names(page.get(HERE, {"balance_least": "1"})) == []
    assert names(page.get(HERE, {"balance_most": "1"})) == ["Ann"]


@pytest.mark.usefixtures("held")
def test_a_view_a_file_and_an_act_mean_the_same_rows(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "balance_least=50&balance_most=299"
    page.post(f"/console/lists/customers/views/?{asked}", {"name": "Middle"})
    monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 0)

    viewed = page.get(HERE, {"view": SavedView.objects.get().pk}, follow=True)
    place = page.post(f"/console/lists/customers/take/?{asked}&columns=name", {"form": "csv"})["Location"]
    tasks.take(TakenList.objects.get().pk)
    taken = list(csv.reader(io.StringIO(page.get(f"{place}file/").content.decode("utf-8-sig"))))
    page.post(f"/console/lists/customers/act/?{asked}", {"all": "yes"})

    assert names(viewed) == ["Bob"]
    assert taken[:3] == [["Name"], ["Bob"], []]
    assert [row.subject for row in BulkRow.objects.all()] == [Customer.objects.get(name="Bob").pk]


def test_a_program_asks_in_minor_units_and_colleagues_read_yuan(page: Client, held: dict[str, Customer]) -> None:
    program, asked = Program("customers:bulk", "views:write"), {"balance_least": 50_00, "balance_most": 29_900}

    view = program.post("/customer-views", {"name": "Middle", "filters": asked, "shared": True}).json()
    by_filter = program.post("/customer-acts", {"filters": asked}).json()
    by_view = program.post("/customer-acts", {"view": view["id"]}).json()

    assert view["filters"] == {"balance_least": "50.00", "balance_most": "299.00"}
    assert by_filter["sample"] == by_view["sample"] == [{"id": str(held["Bob"].pk), "name": "Bob"}]
    assert names(page.get(HERE, {"view": view["id"]}, follow=True)) == ["Bob"]
    refused = program.post("/customer-acts", {"filters": asked | {"currency": "USD"}}).json()
    assert refused["code"] == "asset.unknown"


@pytest.mark.parametrize("milliseconds", [250, 0])
@pytest.mark.usefixtures("held")
def test_walked_or_gathered_a_page_shows_the_same(page: Client, milliseconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without patience nothing is found by walking, and whoever holds it is gathered first."""
    monkeypatch.setattr(sources, "in_time", (lambda _read: None) if not milliseconds else sources.in_time)

    assert names(page.get(HERE, {"balance_least": "100"})) == ["Ann", "Bob"]
    assert names(page.get(HERE, {"balance_most": "100", "sort": "-name"})) == ["Cleo", "Bob"]
