"""Gifts that come later, or elsewhere: each part once, on its day, and back when the top-up goes back."""

from datetime import datetime, timedelta

import make
import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.ledger import verifications
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import releases
from chuzhi.topups.models import Benefit, GiftPart
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import accounts, disputes, funding, queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance, Moved
from topups import offering
from topups.offering import bonus, coupon, level, lot, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain() -> Programme:
    """Its terms promise no bonus of their own."""
    return shop.new_programme(bonus_valid_days=365)


@pytest.fixture
def wallet(plain: Programme) -> Wallet:
    return shop.new_wallet(plain)


def month(number: int, start: datetime) -> datetime:
    return rules.due(start, Every.MONTH, number, shop_zone())


def in_another(wallet: Wallet, programme: Programme) -> Wallet:
    return Wallet.objects.get(customer=wallet.customer_id, programme=programme)


def refund(wallet: Wallet, sold: Moved, amount: int | None = None) -> Moved:
    return funding.refund_top_up(
        wallet=wallet, top_up=sold.seq, method=Method.CASH, reason="moves away", key=make.key(), by=cast.OWNER, amount=amount
    )


def test_points_visits_coupons_and_a_level_come_at_once(wallet: Wallet, plain: Programme, store: Store) -> None:
    points, haircuts = offering.points(), offering.haircuts()
    offering.offer(plain, (500_00, (bonus(50_00), lot(points, 300), lot(haircuts, 2), coupon("TEA", 3), level("gold", 30))))

    sold = sell(wallet, 500_00, store)

    assert sold.balance == Balance(500_00, 50_00)
    assert queries.balance(in_another(wallet, points)) == Balance(bonus=300)
    assert queries.balance(in_another(wallet, haircuts)) == Balance(bonus=2)
    found = {benefit.kind: benefit for benefit in Benefit.objects.all()}
    assert (found["coupon"].code, found["coupon"].quantity, found["level"].code) == ("TEA", 3, "gold")
    assert found["level"].until == funding.rules.valid_until(found["level"].since, 30, shop_zone())
    assert not GiftPart.objects.filter(released_at=None).exists()


def test_a_wallet_that_is_there_is_used(wallet: Wallet, plain: Programme, store: Store) -> None:
    points = offering.points()
    held = shop.new_wallet(points, wallet.customer)
    offering.offer(plain, (100_00, lot(points, 10)))

    for _twice in range(2):
        sell(wallet, 100_00, store)

    assert queries.balance(held) == Balance(bonus=20)
    assert Wallet.objects.filter(programme=points).count() == 1


def test_parts_are_released_on_their_days_and_each_once(wallet: Wallet, plain: Programme, store: Store) -> None:
    offering.offer(plain, (500_00, bonus(100_00, parts=3, every=Every.MONTH)))
    start = timezone.now()

    sold = sell(wallet, 500_00, store)
    balances = []
    for later in (month(1, start) - timedelta(hours=1), month(1, start) + timedelta(hours=1), month(7, start)):
        for _twice in range(2):
            releases.release_due(now=later)
        balances.append(queries.balance(wallet).bonus)

    assert (sold.bonus, balances) == (33_34, [33_34, 66_67, 100_00])
    assert [part.amount for part in GiftPart.objects.order_by("number")] == [33_34, 33_33, 33_33]
    assert verifications.make().wrong == 0


def test_points_can_come_in_parts_too(wallet: Wallet, plain: Programme, store: Store) -> None:
    points = offering.points()
    offering.offer(plain, (500_00, lot(points, 90, parts=3, every=Every.DAY)))
    sell(wallet, 500_00, store)
    at_once = queries.balance(in_another(wallet, points)).bonus

    releases.release_due(now=timezone.now() + timedelta(days=9))

    assert (at_once, queries.balance(in_another(wallet, points)).bonus) == (30, 90)


def test_a_refund_ends_what_was_to_come(wallet: Wallet, plain: Programme, store: Store) -> None:
    offering.offer(plain, (500_00, bonus(100_00, parts=4, every=Every.WEEK)))
    sold = sell(wallet, 500_00, store)
    refund(wallet, sold)

    assert releases.release_due(now=timezone.now() + timedelta(days=99)) == 0
    assert queries.balance(wallet) == Balance()
    assert GiftPart.objects.exclude(stopped_at=None).count() == 3


def test_a_refund_takes_back_what_was_released_in_proportion(wallet: Wallet, plain: Programme, store: Store) -> None:
    points = offering.points()
    offering.offer(plain, (500_00, (bonus(100_00, parts=2, every=Every.WEEK), lot(points, 301), level("gold"))))
    sold = sell(wallet, 500_00, store)
    releases.release_due(now=timezone.now() + timedelta(days=8))
    there = in_another(wallet, points)

    refund(wallet, sold, 100_00)
    for _twice in range(2):
        releases.follow_returns()

    assert queries.balance(there).bonus == 301 - 60
    assert queries.balance(wallet) == Balance(400_00, 100_00 - 10_00 - 10_00)  # of the lot that came with it, and of the later
    assert Benefit.objects.get().withdrawn_at is None

    refund(wallet, sold)
    releases.follow_returns()

    assert (queries.balance(there), queries.balance(wallet)) == (Balance(), Balance())
    assert Benefit.objects.get().withdrawn_at
    assert verifications.make().wrong == 0


def test_points_that_were_spent_are_owed(wallet: Wallet, plain: Programme, store: Store) -> None:
    points = offering.points()
    offering.offer(plain, (500_00, lot(points, 300)))
    sold = sell(wallet, 500_00, store)
    there = in_another(wallet, points)
    shop.charge(there, 200, store)

    refund(wallet, sold)
    releases.follow_returns()

    assert queries.balance(there) == Balance(debt=200)


@pytest.mark.parametrize("won", [True, False])
def test_a_disputed_top_up_waits_for_the_bank(wallet: Wallet, plain: Programme, store: Store, *, won: bool) -> None:
    points = offering.points()
    offering.offer(plain, (500_00, (bonus(100_00, parts=2, every=Every.DAY), lot(points, 300))))
    sold = sell(wallet, 500_00, store)
    later = timezone.now() + timedelta(days=3)
    opened = disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=cast.OWNER)
    assert releases.release_due(now=later) == 0

    disputes.end(wallet=wallet, dispute=opened.seq, won=won, key=make.key(), by=cast.OWNER)
    releases.release_due(now=later + timedelta(days=3))
    releases.follow_returns()

    assert queries.balance(wallet) == (Balance(500_00, 100_00) if won else Balance())
    assert queries.balance(in_another(wallet, points)).bonus == (300 if won else 0)


def test_a_frozen_wallet_gets_its_part_later_and_a_closed_one_never(plain: Programme, store: Store) -> None:
    offering.offer(plain, (500_00, bonus(100_00, parts=2, every=Every.DAY)))
    frozen, closed = shop.new_wallet(plain), shop.new_wallet(plain)
    for each in (frozen, closed):
        sell(each, 500_00, store)
    accounts.freeze(wallet=frozen, reason="lost", key=make.key(), by=cast.OWNER)
    shop.charge(closed, 550_00, store)
    accounts.close(wallet=closed, reason="moved", key=make.key(), by=cast.OWNER)
    later = timezone.now() + timedelta(days=2)
    assert releases.release_due(now=later) == 0
    accounts.unfreeze(wallet=frozen, reason="found", key=make.key(), by=cast.OWNER)

    released = [releases.release_due(now=later + timedelta(days=days)) for days in (0, 2, 4)]

    assert released == [0, 1, 0]
    assert (queries.balance(frozen).bonus, queries.balance(closed)) == (100_00, Balance())
