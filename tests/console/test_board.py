import pytest
from django.test import Client

import cast
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.organization.roles import Grant
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HOME = "/console/home/"


def test_today_by_store(funded: Wallet, store: Store) -> None:
    shop.charge(funded, 123_45, store)

    shown = cast.signed_in(cast.person("manager")).get(HOME).content.decode()

    assert store.name in shown
    assert "CN¥500.00" in shown
    assert "CN¥123.45" in shown


def test_other_stores_are_not_for_everybody(funded: Wallet, store: Store, till: Till) -> None:
    elsewhere = cast.till(cast.store("别处"))
    person = cast.signed_in(cast.person(Grant("manager", elsewhere.store_id)), elsewhere)

    assert "CN¥500.00" not in person.get(HOME).content.decode()


def test_nobody_looks_without_signing_in(client: Client) -> None:
    assert client.get(HOME).status_code == 302
