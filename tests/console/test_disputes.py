import re

import pytest
from django.test import Client

import cast
import shop
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance, Moved

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


@pytest.fixture
def sold(wallet: Wallet, store: Store) -> Moved:
    """500 with 80 given, 300 of it spent."""
    moved = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 300_00, store)
    return moved


def at(operation: str) -> str:
    return f"/console/wallets/disputes/{operation}/"


def key_of(client: Client, operation: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', client.get(at(operation)).content.decode())
    assert found
    return found[1]


def book(client: Client, sold: Moved) -> str:
    """Booked on its page; answers the number of the entry."""
    key = key_of(client, sold.id)
    for _twice in range(2):
        assert client.post(at(sold.id), {"key": key}).status_code == 302
    return f"{sold.book}-{queries.entries(sold.wallet)[0].outcome.seq}"


def test_a_disputed_payment_is_booked_once_and_offered_where_the_top_up_is(finance_page: Client, sold: Moved) -> None:
    assert at(sold.id) in finance_page.get(f"/console/wallets/{sold.wallet.pk}/").content.decode()

    opened = book(finance_page, sold)

    assert queries.balance(sold.wallet) == Balance(principal=200_00, bonus=80_00, held=280_00, debt=300_00)
    assert at(opened) in finance_page.get(f"/console/wallets/{sold.wallet.pk}/").content.decode()


@pytest.mark.parametrize(("end", "left"), [("won", Balance(200_00, 80_00)), ("lost", Balance(debt=300_00))])
def test_how_it_ended_is_said_once(finance_page: Client, sold: Moved, end: str, left: Balance) -> None:
    opened = book(finance_page, sold)
    key = key_of(finance_page, opened)

    for _twice in range(2):
        assert finance_page.post(at(opened), {"key": key, "end": end}).status_code == 302

    assert queries.balance(sold.wallet) == left


def test_a_second_dispute_is_refused_in_words(finance_page: Client, sold: Moved) -> None:
    book(finance_page, sold)

    answer = finance_page.post(at(sold.id), {"key": key_of(finance_page, sold.id)})

    assert answer.status_code == 422
    assert "This top-up is disputed already." in answer.content.decode()


def test_a_form_without_our_key_or_without_an_end_changes_nothing(finance_page: Client, sold: Moved) -> None:
    assert finance_page.post(at(sold.id), {"key": "made-up"}).status_code == 422
    opened = book(finance_page, sold)
    before = queries.balance(sold.wallet)

    for end in ({}, {"end": "drawn"}):
        assert finance_page.post(at(opened), {"key": key_of(finance_page, opened)} | end).status_code == 422

    assert queries.balance(sold.wallet) == before


def test_only_top_ups_are_disputed(finance_page: Client, sold: Moved, store: Store) -> None:
    charge = shop.charge(sold.wallet, 1_00, store)

    for operation in (charge.id, "0-0", "x", f"{sold.book}-999999"):
        assert finance_page.get(at(operation)).status_code == 404


@pytest.mark.parametrize("role", ["cashier", "manager", "auditor"])
def test_nobody_else_may(sold: Moved, role: str) -> None:
    client = cast.signed_in(cast.person(role))

    assert client.get(at(sold.id)).status_code == 403
    assert client.post(at(sold.id), {}).status_code == 403
    assert at(sold.id) not in client.get(f"/console/wallets/{sold.wallet.pk}/").content.decode()


def test_an_empty_wallet_is_closed_for_good_with_a_reason(wallet: Wallet) -> None:
    page = cast.signed_in(cast.person("manager"))
    address, closing = f"/console/wallets/{wallet.pk}/", f"/console/wallets/{wallet.pk}/close/"
    key = re.search(r'name="key" value="(stand[^"]+|[^"]+)"', page.get(address).content.decode())
    assert key

    assert page.post(closing, {"key": key[1], "reason": ""}).status_code == 422
    assert page.post(closing, {"key": key[1], "reason": "moved away"}).status_code == 302

    shown = page.get(address).content.decode()
    assert "Closed" in shown
    assert closing not in shown


def test_a_wallet_with_value_is_not_offered_for_closing_and_does_not_close(funded: Wallet) -> None:
    page = cast.signed_in(cast.person("manager"))
    address, closing = f"/console/wallets/{funded.pk}/", f"/console/wallets/{funded.pk}/close/"
    assert closing not in page.get(address).content.decode()

    answer = page.post(closing, {"key": "anything", "reason": "moved away"})

    assert answer.status_code == 422
    assert "still holds value" in answer.content.decode()
    assert queries.standing(funded).standing == 0
