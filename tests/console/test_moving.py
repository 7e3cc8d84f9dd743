"""Value moves between two wallets of one customer, from the wallet's page."""

import re

import make
import pytest
from django.test import Client

import cast
import shop
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("manager"))


@pytest.fixture
def other(funded: Wallet) -> Wallet:
    return shop.new_wallet(shop.new_programme(name="生日卡", most_held=300_00), funded.customer)


def where(wallet: Wallet) -> str:
    return f"/console/wallets/{wallet.pk}/move/"


def key_of(page: Client, wallet: Wallet) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.get(where(wallet)).content.decode())
    assert found is not None
    return found[1]


def test_it_moves_once_however_often_the_form_is_sent(page: Client, funded: Wallet, other: Wallet) -> None:
    stranger = shop.new_wallet(funded.programme)
    shown = page.get(where(funded)).content.decode()
    given = {"key": key_of(page, funded), "to": other.pk, "amount": "120.50", "reason": "birthday"}

    answers = [page.post(where(funded), given) for _twice in range(2)]

    assert ("生日卡" in shown, f'value="{stranger.pk}"' in shown) == (True, False)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert (queries.balance(other).principal, queries.balance(funded).available) == (120_50, 459_50)
    assert where(funded) in page.get(f"/console/wallets/{funded.pk}/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "580.01"}, "CN¥580.00 available"), ({"amount": "300.01"}, "CN¥300.00"), ({"amount": "x"}, "amount"),
        ({"reason": ""}, "required"), ({"to": "999999"}, "not one of the available choices"),
    ],
)  # fmt: skip
def test_a_wrong_input_is_said_and_nothing_is_gone(
    page: Client, funded: Wallet, other: Wallet, wrong: dict[str, str], said: str
) -> None:
    given = {"key": key_of(page, funded), "to": str(other.pk), "amount": "10", "reason": "birthday"} | wrong

    answer = page.post(where(funded), given)
    again = re.search(r'name="key" value="([^"]+)"', answer.content.decode())

    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert (queries.balance(funded).available, queries.balance(other).available) == (580_00, 0)
    assert again is not None
    mended = {"key": again[1], "to": str(other.pk), "amount": "10", "reason": "birthday"}
    assert page.post(where(funded), mended).status_code == 302


def test_never_to_somebody_else_and_never_from_a_bearer(page: Client, funded: Wallet) -> None:
    stranger, points = shop.new_wallet(funded.programme), shop.new_programme(asset="POINTS")
    shop.new_wallet(points, funded.customer)
    bearer = accounts.open_wallet(programme=funded.programme, key=make.key(), by=cast.OWNER)

    for wallet in (funded, bearer):
        assert "There is no other wallet" in page.get(where(wallet)).content.decode()
        assert where(wallet) not in page.get(f"/console/wallets/{wallet.pk}/").content.decode()
    answer = page.post(where(funded), {"key": "x", "to": stranger.pk, "amount": "10", "reason": "r"})
    assert (answer.status_code, queries.balance(stranger).available) == (422, 0)


def test_only_by_whoever_may_move_value(funded: Wallet, other: Wallet) -> None:
    page = cast.signed_in(cast.person("cashier"))

    assert page.get(where(funded)).status_code == 403
    assert where(funded) not in page.get(f"/console/wallets/{funded.pk}/").content.decode()
