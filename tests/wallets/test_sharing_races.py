"""An allowance holds when two tills ask at the same moment."""

import threading
from datetime import timedelta

import make
import pytest
from django.db import connection
from django.utils import timezone

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger import spenders
from chuzhi.till import sales
from chuzhi.wallets import queries
from chuzhi.wallets.sharing import members
from chuzhi.wallets.sharing.rules import Allowance


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_two_tills_at_once_do_not_both_spend_the_last_of_a_cap() -> None:
    store, wallet = cast.store(), shop.new_wallet(shop.new_programme())
    shop.top_up(wallet, 500_00, store)
    allowance = Allowance(a_week=100_00)
    child = members.add(wallet=wallet, customer=shop.new_customer(), allowance=allowance, by=cast.OWNER)
    refused: list[Refused] = []

    def buy() -> None:
        try:
            sales.complete(wallet=wallet, amount=60_00, store=store.pk, member=child, key=make.key(), by=cast.OWNER)
        except Refused as no:
            refused.append(no)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _till in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [no.code for no in refused] == ["allowance.week"] * 3
    assert spenders.spent([(wallet.book, wallet.pk)], child.spender, [timezone.now() - timedelta(hours=1)]) == [60_00]
    assert queries.balance(wallet).available == 440_00
