import pytest

import cast
from api.program import Program
from chuzhi.insights import journal
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet
from shop import charge, top_up

pytestmark = pytest.mark.django_db


def test_the_figures_of_the_page(wallet: Wallet, store: Store) -> None:
    top_up(wallet, 500_00, store)
    spent = charge(wallet, 120_00, store)

    found = Program("board:read").get("/board").json()

    [cny] = [each for each in found["floats"] if each["asset"] == "CNY"]
    [today] = found["today"]
    assert cny["now"] == {"principal": 380_00, "bonus": 80_00} == cny["today"]
    assert cny["days"][-1] == {"day": journal.today().isoformat(), "principal": 380_00, "bonus": 80_00}
    assert (today["sums"]["topped_up"], today["by_store"][0]["of"]) == (500_00, str(store.pk))
    assert [(each["change"], each["operation"]) for each in found["largest"]][1] == (-120_00, spent.id)
    assert found["waiting"] == {"stuck_orders": 0, "incidents": 0, "unmatched": 0, "approvals": 0}
    assert found["proof"]["verified_at"] is None


def test_a_key_of_another_store_sees_nothing_of_it(wallet: Wallet, store: Store) -> None:
    top_up(wallet, 500_00, store)

    found = Program("board:read", at=cast.store()).get("/board").json()

    assert (found["floats"], found["today"], found["largest"]) == ([], [], [])


def test_a_day_that_is_none(store: Store) -> None:
    assert Program("board:read").get("/board", since="yesterday").status_code == 400
