from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
import goods
import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Bucket
from chuzhi.organization.models import Store, Till
from chuzhi.till import baskets, paying, records, returns
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.paying import Means
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_it_says_what_was_sold_which_lots_paid_and_what_came_back(
    funded: Wallet, store: Store, till: Till, cashier: Actor
) -> None:
    basket = baskets.begin(store=store.pk, till=till.pk, currency="CNY", key=make.key(), by=cashier, wallet=funded)
    baskets.add(basket=basket, product=goods.product(560_00), quantity=1000, key="a", by=cashier)
    means = Means(wallet=funded, cash=50_00, keeps_change=True)
    paid = paying.pay(basket=basket, means=means, from_wallet=520_00, key=make.key(), by=cashier, till=till.pk)
    [sold, change] = paid.operations
    charge = int(sold.partition("-")[2])
    returns.give_back(wallet=funded, charge=charge, amount=56_00, reason="退货", key=make.key(), by=cashier, till=till.pk)

    record = records.of(operation=sold, actor=cashier)

    assert [(each.bucket, each.amount) for each in record.used] == [(Bucket.PRINCIPAL, 500_00), (Bucket.BONUS, 20_00)]
    assert (record.receipt.available_before, record.receipt.balance.available) == (580_00, 60_00)
    assert [(line.name, line.price, line.amount) for line in record.receipt.lines] == [("红烧牛肉面", 560_00, 560_00)]
    assert [(each.amount, each.to_wallet, each.reason) for each in record.backs] == [(56_00, 52_00, "退货")]
    assert record.with_it == (change,)
    assert record.actor == cashier.label


def test_a_plain_charge_has_one_too_with_its_refunds(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = shop.charge(funded, 100_00, store)
    returns.give_back(wallet=funded, charge=moved.seq, amount=30_00, reason="x", key=make.key(), by=cashier, store=store.pk)

    record = records.of(operation=moved.id, actor=cashier)

    assert [(each.amount, each.to_wallet) for each in record.backs] == [(30_00, 30_00)]
    assert record.receipt.lines == ()


def test_what_is_no_sale_or_not_to_be_seen_has_none(funded: Wallet, store: Store, cashier: Actor, stranger: Actor) -> None:
    top_up, charge = shop.top_up(funded, 1_00, store), shop.charge(funded, 1_00, store)

    for operation, actor in ((top_up.id, cashier), (charge.id, stranger), ("1-999999", cashier)):
        with pytest.raises(ReceiptUnknown):
            records.of(operation=operation, actor=actor)


def test_a_trail_is_of_all_wallets_by_store_and_time(funded: Wallet, store: Store) -> None:
    other = shop.new_wallet(shop.new_programme(), funded.customer)
    shop.top_up(other, 100_00, store)
    elsewhere = cast.store()
    first, second = shop.charge(funded, 1_00, store), shop.charge(other, 2_00, elsewhere)
    third = shop.charge(funded, 3_00, store)
    wallets = [funded, other]

    def trail(**more: object) -> list[str]:
        return [each.operation for each in records.trail(wallets=wallets, limit=10, **more)]  # type: ignore[arg-type]

    assert trail() == [third.id, second.id, first.id]
    assert trail(store=elsewhere.pk) == [second.id]
    assert trail(before=third.at) == [second.id, first.id]
    assert trail(since=timezone.now() + timedelta(days=1)) == []
