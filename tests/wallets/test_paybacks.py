"""Money back by hand: as much as somebody may alone, more with a second signature."""

import make
import pytest

import shop
from chuzhi.approvals import requests
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.approvals.models import DoneAlone
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.wallets import paybacks, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(wallet: Wallet, store: Store) -> Moved:
    return shop.top_up(wallet, 3000_00, store)


def pay_back(sold: Moved, by: Actor, amount: int | None, key: str = "") -> Moved:
    return paybacks.pay_back(
        wallet=sold.wallet,
        top_up=sold.seq,
        method=Method.CASH,
        reason="moves away",
        amount=amount,
        key=key or make.key(),
        by=by,
    )


def test_up_to_the_limit_it_is_paid_alone_and_counted_once(sold: Moved, cashier: Actor) -> None:
    for _twice in range(2):
        pay_back(sold, cashier, 1000_00, key="once")

    assert queries.balance(sold.wallet).principal == 2000_00
    assert [act.amount for act in DoneAlone.objects.all()] == [1000_00]


@pytest.mark.parametrize("amount", [1000_01, None])
def test_above_it_nothing_happens(sold: Moved, cashier: Actor, amount: int | None) -> None:
    with pytest.raises(SecondPersonNeeded):
        pay_back(sold, cashier, amount)

    assert queries.balance(sold.wallet).principal == 3000_00


def test_somebody_else_signs_and_both_names_stay(sold: Moved, cashier: Actor, manager: Actor, store: Store) -> None:
    asked = paybacks.ask(
        wallet=sold.wallet, top_up=sold.seq, method=Method.CASH, reason="moves away", amount=2000_00, key="k", by=cashier,
        store=None,
    )  # fmt: skip

    done = requests.approve(request=asked, by=manager)

    assert (done.state, queries.balance(sold.wallet).principal) == ("done", 1000_00)
    entry = queries.entries(sold.wallet)[0]
    assert entry.actor == cashier.label
    assert f'"approved_by":"{manager.label}"' in entry.details


def test_finance_signs_what_it_may_not_hand_out(sold: Moved, cashier: Actor, finance: Actor) -> None:
    asked = paybacks.ask(
        wallet=sold.wallet, top_up=sold.seq, method=Method.CASH, reason="x", key="k", by=cashier, amount=3000_00
    )

    assert requests.approve(request=asked, by=finance).state == "done"
