"""Totals are held when top-ups come at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.limits import shop as limits
from chuzhi.limits.rules import Scope
from chuzhi.wallets import ceilings
from chuzhi.wallets.models import Wallet


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_two_at_once_in_two_wallets_of_one_customer_do_not_both_fit() -> None:
    customer, store = shop.new_customer(), cast.store()
    wallets = [shop.new_wallet(shop.new_programme(), customer) for _each in range(2)]
    limits.set_limit(kind="rolling", asset="CNY", amount=1000_00, scope=Scope(), by=cast.OWNER)
    refused: list[Refused] = []

    def sell(wallet: Wallet) -> None:
        try:
            shop.top_up(wallet, 600_00, store)
        except Refused as no:
            refused.append(no)
        finally:
            connection.close()

    threads = [threading.Thread(target=sell, args=[wallet]) for wallet in wallets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    asset = ceilings.of(wallets[0], store=store.pk).programme.asset
    since = timezone.now() - timedelta(hours=1)
    assert [no.code for no in refused] == ["limit.rolling"]
    assert journal.topped_up(customer.book, [wallet.pk for wallet in wallets], asset, since) == 600_00
