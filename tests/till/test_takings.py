from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.till import takings
from chuzhi.wallets import funding
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def figures(start: timedelta = -HOUR, end: timedelta = HOUR) -> list[tuple[int | None, int, int, int, int]]:
    now = timezone.now()
    found = takings.between(now + start, now + end)
    return [(one.store, one.topped_up, one.charged, one.refunded, one.operations) for one in found]


def test_what_has_no_store_is_a_row_of_its_own_and_the_last(wallet: Wallet, store: Store) -> None:
    paid = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 100_00, store)
    funding.refund_top_up(
        wallet=wallet, top_up=paid.seq, amount=48_00, method=Method.CASH, reason="搬家", key=make.key(), by=cast.OWNER
    )

    assert figures() == [(store.pk, 500_00, 100_00, 0, 2), (None, 0, 0, 48_00, 1)]


def test_what_was_written_earlier_and_what_counted_for_earlier_is_left_out(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)
    shop.top_up(wallet, 70_00, store, effective_at=timezone.now() - 3 * HOUR)

    assert figures() == [(store.pk, 500_00, 0, 0, 1)]
    assert figures(start=timedelta(), end=HOUR) == []
    assert figures(start=-4 * HOUR) == [(store.pk, 570_00, 0, 0, 2)]


def test_together_they_are_the_sum_of_each_asset(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)
    shop.top_up(wallet, 20_00, cast.store())
    funding.top_up(wallet=wallet, amount=7_00, store=None, method=Method.CASH, key=make.key(), by=cast.OWNER)

    (sum_of_all,) = takings.together(takings.between(timezone.now() - HOUR, timezone.now() + HOUR))

    assert (sum_of_all.store, sum_of_all.topped_up, sum_of_all.operations) == (None, 527_00, 3)
