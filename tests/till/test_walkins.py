"""A basket that nobody's wallet pays: cash and card alone, with a receipt and in the drawer."""

import pytest

import cast
import goods
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import drawer, slips, tenders
from chuzhi.payments.counter.models import CashKeeping
from chuzhi.payments.counter.models import Slip as KeptSlip
from chuzhi.till import baskets, paying, walkins
from chuzhi.till.models import Basket, Sale
from chuzhi.till.paying import Means, Paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def basket(store: Store, till: Till) -> Basket:
    return filled(store, till, "begin")


def filled(store: Store, till: Till, key: str) -> Basket:
    made = baskets.begin(store=store.pk, till=till.pk, currency="CNY", key=key, by=cast.OWNER)
    baskets.add(basket=made, product=goods.product(28_00), quantity=2000, key=f"{key}:add", by=cast.OWNER)
    return made


def pay(basket: Basket, means: Means, by: Actor, key: str = "pay", **more: int) -> Paid:
    return paying.pay(basket=basket, means=means, key=key, by=by, till=basket.till, **more)


def refused(code: str, basket: Basket, means: Means, by: Actor, **more: int) -> None:
    with pytest.raises(Refused) as no:
        pay(basket, means, by, **more)
    assert no.value.code == code
    assert not Sale.objects.filter(seq=basket.pk, book=slips.NO_BOOK).exists()


def test_cash_and_card_pay_it_and_the_drawer_and_the_receipt_say_so(basket: Basket, till: Till, cashier: Actor) -> None:
    shift = drawer.open_shift(till=till, opened_with=100_00, by=cashier)

    paid = pay(basket, Means(cash=50_00, card=20_00, slip=shop.slip()), cashier)

    receipt = walkins.of(number=paid.id, actor=cashier)
    assert (receipt.total, receipt.tenders) == (56_00, (("cash", 36_00), ("terminal", 20_00)))
    assert [(line.quantity, line.amount) for line in receipt.lines] == [("2", 56_00)]
    assert walkins.find(code=receipt.code.lower(), actor=cashier).number == paid.id
    assert drawer.flow_of(shift).came == 36_00
    basket.refresh_from_db()
    assert (basket.state, basket.operations) == (Basket.State.PAID, [paid.id])


def test_asked_again_it_is_sold_once(basket: Basket, cashier: Actor) -> None:
    first = pay(basket, Means(cash=56_00), cashier)

    again = pay(basket, Means(cash=56_00), cashier)

    assert (again.replayed, again.id) == (True, first.id)
    assert [(each.method, each.amount) for each in tenders.of(slips.NO_BOOK, basket.pk)] == [(Method.CASH, 56_00)]


def test_what_does_not_fit_sells_nothing(basket: Basket, store: Store, cashier: Actor) -> None:
    refused("basket.no_wallet", basket, Means(), cashier, from_wallet=56_00)
    refused("basket.no_wallet", basket, Means(cash=60_00, keeps_change=True), cashier)
    refused("basket.paid_too_little", basket, Means(cash=55_99), cashier)
    refused("basket.paid_too_much", basket, Means(card=56_01, slip=shop.slip()), cashier)
    refused("slip.missing", basket, Means(card=56_00), cashier)
    CashKeeping.objects.create(store=store, needs_shift=True)
    refused("shift.needed", basket, Means(cash=56_00), cashier)
    refused("store.not_yours", basket, Means(cash=56_00), cast.actor("cashier", cast.store()))


def test_a_slip_pays_one_sale_for_ever(basket: Basket, store: Store, till: Till, cashier: Actor) -> None:
    slip = shop.slip()
    pay(basket, Means(card=56_00, slip=slip), cashier)
    KeptSlip.objects.update(claimed_at=KeptSlip.objects.get().claimed_at - 2 * slips.ABANDONED_AFTER)

    refused("slip.used", filled(store, till, "other"), Means(card=56_00, slip=slip), cashier)


def test_a_receipt_is_of_the_stores_one_works_in(basket: Basket, cashier: Actor) -> None:
    paid = pay(basket, Means(cash=56_00), cashier)
    stranger = cast.actor("cashier", cast.store())

    for number, actor in ((paid.id, stranger), ("S-0", cashier), ("S-x", cashier), ("1-1", cashier)):
        with pytest.raises(Refused) as no:
            walkins.of(number=number, actor=actor)
        assert no.value.code == "receipt.unknown"
    with pytest.raises(Refused):
        walkins.find(code=f"{paid.id}-0000000000", actor=cashier)


def test_its_goods_come_back_out_of_the_drawer_and_by_the_terminal(basket: Basket, till: Till, cashier: Actor) -> None:
    paid = pay(basket, Means(cash=36_00, card=20_00, slip=shop.slip()), cashier)
    manager = cast.actor("manager")

    first = walkins.take_back(number=paid.id, goods={1: 1000}, reason="cold", key="one", by=manager, till=till.pk)
    again = walkins.take_back(number=paid.id, goods={1: 1000}, reason="cold", key="one", by=manager, till=till.pk)
    last = walkins.take_back(number=paid.id, amount=28_00, reason="cold", key="two", by=manager, till=till.pk)

    assert (first.split, again.split, again.replayed) == (last.split, first.split, True)
    assert [(each.method, each.amount) for each in first.split.tenders] == [(Method.CASH, 18_00), (Method.TERMINAL, 10_00)]
    assert walkins.left(basket).amount == 0
    assert walkins.of(number=paid.id, actor=cashier).tenders[2:] == (("cash", -36_00), ("terminal", -20_00))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"goods": {1: 3000}}, "return.not_that_many"),
        ({"goods": {2: 1000}}, "return.no_such_line"),
        ({"amount": 56_01}, "refund.too_large"),
        ({"amount": 1_00, "goods": {1: 1000}}, "return.amount_or_goods"),
        ({"amount": 1_00, "number": "S-0"}, "receipt.unknown"),
        ({"amount": 1_00, "reason": " "}, "reason.missing"),
    ],
)
def test_what_cannot_come_back_is_named(basket: Basket, cashier: Actor, asked: dict[str, object], code: str) -> None:
    paid = pay(basket, Means(cash=56_00), cashier)
    values: dict[str, object] = {"number": paid.id, "reason": "cold", "key": "one", "by": cast.actor("manager")} | asked

    with pytest.raises(Refused) as no:
        walkins.take_back(**values)  # type: ignore[arg-type]  # any

    assert no.value.code == code
    assert walkins.left(basket).amount == 56_00
