from datetime import timedelta

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
import shop
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, holds, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_many_at_once_are_told_what_each_alone_is_told(wallet: Wallet, store: Store) -> None:
    empty, frozen = shop.new_wallet(wallet.programme), shop.wallet_in_another_book(wallet)
    soon = shop.new_wallet(shop.new_programme(principal_valid_days=7))
    shop.top_up(soon, 40_00, store)
    shop.top_up(soon, 60_00, store, effective_at=timezone.now() - timedelta(days=2))
    holds.place(wallet=soon, amount=10_00, store=store.pk, key=make.key(), by=cast.OWNER)
    passing = shop.new_wallet(shop.new_programme(principal_valid_days=1))
    shop.top_up(wallet, 500_00, store)
    holds.place(wallet=wallet, amount=50_00, store=store.pk, key=make.key(), by=cast.OWNER)
    shop.top_up(frozen, 90_00, store)
    accounts.freeze(wallet=frozen, reason="stolen phone", key=make.key(), by=cast.OWNER)
    shop.top_up(passing, 30_00, store, effective_at=timezone.now() - timedelta(days=5))
    every = [wallet, empty, frozen, passing, soon]

    with CaptureQueriesContext(connection) as asked:
        told = queries.standings(every, within_days=30)

    alone = {one.pk: queries.standing(one) for one in every}
    assert told == alone
    assert any(held.expiring for held in told.values())
    assert told[wallet.pk].balance.available == 530_00
    assert len(asked) <= 2 + 4 * len({one.programme_id for one in every})
