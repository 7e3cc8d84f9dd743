"""Two who sign at once, and two acts at once by one who may do only one more alone: real transactions."""

import threading
from collections.abc import Callable

import make
import pytest
from django.db import connection

import cast
import shop
from chuzhi.approvals import requests
from chuzhi.approvals.errors import Decided, SecondPersonNeeded
from chuzhi.approvals.models import DoneAlone
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.wallets import adjustments, gifts, queries
from chuzhi.wallets.models import Wallet

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What came of each: its answer, or its refusal."""
    start, came = threading.Barrier(len(acts)), list[object](acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            came[place] = act()
        except Refused as no:
            came[place] = no
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme())


def test_two_sign_at_once_and_one_does() -> None:
    holder, signers = wallet(), [cast.actor("finance"), cast.actor("administrator")]
    asked = gifts.ask(wallet=holder, amount=50_00, cause="goodwill", ticket="x", key="k", by=cast.actor("cashier"))

    came = at_once(*(lambda by=by: requests.approve(request=asked, by=by) for by in signers))  # type: ignore[misc]  # lambdas

    assert sorted(isinstance(one, Decided) for one in came) == [False, True]
    assert queries.balance(holder).bonus == 50_00


def test_the_clock_and_the_signer_carry_it_out_once() -> None:
    holder, signer = wallet(), cast.actor("finance")
    asked = gifts.ask(wallet=holder, amount=50_00, cause="goodwill", ticket="x", key="k", by=cast.actor("cashier"))
    signed = requests._signed(asked, signer)

    at_once(*(lambda: requests.carry_out(signed) for _ in range(4)))

    assert queries.balance(holder).bonus == 50_00
    signed.refresh_from_db()
    assert signed.state == "done"


def test_the_last_of_the_day_is_had_by_one() -> None:
    holders, by = [wallet() for _ in range(6)], cast.actor("finance")

    def give(holder: Wallet, maker: Actor = by) -> object:
        return adjustments.give(wallet=holder, amount=1000_00, reason="x", evidence="y", key=make.key(), by=maker)

    came = at_once(*(lambda holder=holder: give(holder) for holder in holders))  # type: ignore[misc]  # lambdas

    assert sum(isinstance(one, SecondPersonNeeded) for one in came) == 1
    assert sum(queries.balance(holder).bonus for holder in holders) == 5000_00
    assert DoneAlone.objects.count() == 5
