"""Cards that one buyer takes at once count together: from the sum on that the law names, who buys is registered."""

from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connection, connections

import cast
import rechargecards
import shop
from chuzhi.core.audit import AuditEntry
from chuzhi.core.packs.errors import PackRefused
from chuzhi.customers.errors import IdentityNumberInvalid
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.wallets import counters
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers import purchases, selling
from chuzhi.wallets.vouchers.errors import BuyerIncomplete
from chuzhi.wallets.vouchers.models import Voucher, VoucherPurchase
from chuzhi.wallets.vouchers.purchases import Buyer

KNOWN = Buyer("王小明", "11010519491231002X")
THRESHOLD = 10  # cards of 1,000


def chinese(store: Store) -> Store:
    Store.objects.filter(pk=store.pk).update(pack="cn-national")
    return store


@pytest.fixture
def lot(programme: Programme, store: Store) -> rechargecards.Lot:
    return rechargecards.sent(programme, chinese(store), THRESHOLD + 2, value=1000_00)


def test_nine_cards_are_anybodys_and_the_tenth_is_not(lot: rechargecards.Lot, store: Store) -> None:
    for place in range(THRESHOLD - 1):
        rechargecards.sell(lot.voucher(place), store, purchase="one")

    with pytest.raises(PackRefused) as no:
        rechargecards.sell(lot.voucher(THRESHOLD - 1), store, purchase="one")

    assert no.value.rule.id == "cn.identity.bearer"
    assert lot.voucher(THRESHOLD - 1).status == "sent"


def test_whoever_has_said_who_they_are_buys_on(lot: rechargecards.Lot, store: Store) -> None:
    for place in range(THRESHOLD + 1):
        rechargecards.sell(lot.voucher(place), store, purchase="one", buyer=KNOWN if place == THRESHOLD - 1 else None)

    purchase = VoucherPurchase.objects.get()
    assert (purchase.name, purchase.identity_number, purchase.cards.count()) == ("王小明", "11010519491231002X", THRESHOLD + 1)
    assert purchases.paid(purchase, "CNY") == (THRESHOLD + 1) * 1000_00
    assert AuditEntry.objects.filter(action="voucher.buyer_registered").count() == 1


def test_another_buyer_begins_anew(lot: rechargecards.Lot, store: Store) -> None:
    for place in range(THRESHOLD + 2):
        rechargecards.sell(lot.voucher(place), store, purchase=str(place % 2))

    assert sorted(purchases.paid(each, "CNY") for each in VoucherPurchase.objects.all()) == [6000_00, 6000_00]


def test_one_mark_of_two_people_is_two_purchases(lot: rechargecards.Lot, store: Store) -> None:
    for place in range(2):
        rechargecards.sell(lot.voucher(place), store, by=cast.actor("cashier"), purchase="one")

    assert VoucherPurchase.objects.count() == 2


@pytest.mark.parametrize(
    ("buyer", "no"), [(Buyer("王小明"), BuyerIncomplete), (Buyer("王小明", "110105194912310021"), IdentityNumberInvalid)]
)
def test_who_it_is_must_be_right_or_nothing_happens(
    lot: rechargecards.Lot, store: Store, buyer: Buyer, no: type[Exception]
) -> None:
    with pytest.raises(no):
        rechargecards.sell(lot.voucher(), store, purchase="one", buyer=buyer)

    assert (lot.voucher().status, VoucherPurchase.objects.count()) == ("sent", 0)


def test_the_same_key_sells_and_counts_once(lot: rechargecards.Lot, store: Store) -> None:
    moved = [rechargecards.sell(lot.voucher(), store, key="sale", purchase="one").id for _twice in range(2)]

    assert len(set(moved)) == 1
    assert purchases.paid(VoucherPurchase.objects.get(), "CNY") == 1000_00


def test_the_database_does_not_show_who_bought(lot: rechargecards.Lot, store: Store) -> None:
    rechargecards.sell(lot.voucher(), store, purchase="one", buyer=KNOWN)

    with connection.cursor() as cursor:
        cursor.execute("SELECT name::text || identity_number::text || mark::text FROM voucher_purchase")
        assert "11010519491231002X" not in cursor.fetchone()[0]


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_cards_of_one_purchase_sold_at_once_do_not_slip_past_the_threshold() -> None:
    counters.open_stores.forget()
    store, programme = chinese(cast.store()), shop.new_programme()
    made = rechargecards.sent(programme, store, THRESHOLD + 4, value=1000_00)

    def sold(card: Voucher) -> bool:
        try:
            selling.sell(voucher=card, method=Method.CASH, store=store.pk, key=make.key(), by=cast.OWNER, purchase="one")
        except PackRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(sold, [made.voucher(place) for place in range(THRESHOLD + 4)]))

    assert done.count(True) == THRESHOLD - 1
