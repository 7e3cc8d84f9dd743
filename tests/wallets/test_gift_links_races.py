"""Whoever opens a gift's link first has it, also when several open it at the same moment."""

import threading

import make
import pytest
from django.db import connection

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.wallets import queries
from chuzhi.wallets.giving import links
from chuzhi.wallets.models import Wallet


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_of_four_friends_at_once_one_has_it() -> None:
    store, giver = cast.store(), shop.new_wallet(shop.new_programme(most_per_gift=100_00))
    shop.top_up(giver, 100_00, store)
    gift = links.make(wallet=giver, amount=100_00, sender="小明", key=make.key(), by=cast.OWNER)
    refused: list[Refused] = []

    def take(friend: int) -> None:
        try:
            links.take(gift=gift, phone=f"1370000000{friend}", name="朋友", key="take", by=cast.OWNER)
        except Refused as no:
            refused.append(no)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[friend]) for friend in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    gift.refresh_from_db()
    assert [no.code for no in refused] == ["gift_link.taken"] * 3
    assert gift.taken_by is not None
    assert (queries.balance(giver).available, queries.balance(gift.taken_by).available) == (0, 100_00)
    assert Wallet.objects.exclude(pk=giver.pk).count() == 1
