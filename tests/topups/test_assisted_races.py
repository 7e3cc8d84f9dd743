"""Two agents at the same request, at the same moment: it is paid once."""

import threading
from collections.abc import Callable

import make
import pytest
from django.db import connection

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.topups.assisted import fulfilling, requests
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups import asking

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


@pytest.fixture
def wallet() -> Wallet:
    return asking.known_wallet(shop.new_programme())


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of them at the same moment; the codes of those that were refused."""
    ready, refused = threading.Barrier(len(acts)), list[str]()

    def do(act: Callable[[], object]) -> None:
        try:
            ready.wait()
            act()
        except Refused as no:
            refused.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_take_the_money_and_it_is_credited_once(wallet: Wallet) -> None:
    store, by = cast.store(), cast.actor("cashier")
    row = asking.asked(wallet, by)

    def tender() -> None:
        fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key=make.key(), by=by)

    assert at_once(tender, tender) == ["assisted.over"]
    assert (queries.balance(wallet).principal, AgentCredit.objects.count()) == (500_00, 1)


def test_two_send_a_link_and_one_is_out(wallet: Wallet) -> None:
    by = cast.actor("cashier")
    row = asking.asked(wallet, by)

    def send() -> None:
        fulfilling.send_link(request=row, key=make.key(), by=by)

    assert at_once(send, send) == ["assisted.link_is_out"]
    assert Order.objects.count() == 1


def test_one_form_sent_twice_at_once_is_one_request(wallet: Wallet) -> None:
    by = cast.actor("cashier")

    assert at_once(*[lambda: asking.asked(wallet, by, key="the-form", files=[asking.PDF])] * 2) == []
    assert AssistedTopUp.objects.get().documents.count() == 1


def test_closed_while_the_money_is_taken_one_of_them_comes_first(wallet: Wallet) -> None:
    store, by = cast.store(), cast.actor("cashier")
    row = asking.asked(wallet, by)

    refused = at_once(
        lambda: fulfilling.tender(request=row, method=Method.CASH, store=store.pk, key=make.key(), by=by),
        lambda: requests.close(request=row, reason="changed their mind", by=by),
    )

    assert refused == ["assisted.over"]
    is_closed = asking.again(row).closed_at is not None
    assert queries.balance(wallet).principal == (0 if is_closed else 500_00)
