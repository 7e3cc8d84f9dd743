"""One basket at two tills. The rest of paying is with the baskets, in `test_baskets`."""

from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connections

import cast
import goods
import shop
from chuzhi.till import baskets, paying
from chuzhi.till.errors import BasketPaid
from chuzhi.till.paying import Means
from chuzhi.wallets import queries


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_two_tills_pay_one_basket_once() -> None:
    store = cast.store()
    till, wallet = cast.till(store), shop.new_wallet(shop.new_programme())
    shop.top_up(wallet, 500_00, store)
    basket = baskets.begin(store=store.pk, till=till.pk, currency="CNY", key=make.key(), by=cast.OWNER)
    baskets.add(basket=basket, product=goods.product(100_00), quantity=1000, key="one", by=cast.OWNER)

    def one(_each: int) -> str:
        try:
            return paying.pay(basket=basket, means=Means(wallet=wallet), key=make.key(), by=cast.OWNER).id
        except BasketPaid as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as crowd:
        done = list(crowd.map(one, range(8)))

    assert done.count("basket.paid") == 7
    assert queries.balance(wallet).available == 400_00
