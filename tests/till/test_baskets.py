from dataclasses import replace

import make
import pytest

import cast
import goods
import shop
from chuzhi.approvals import authority
from chuzhi.approvals import requests as approvals
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.approvals.rules import Limits
from chuzhi.catalogue import products
from chuzhi.catalogue.products import Described, Priced
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Kind, Method
from chuzhi.ledger.errors import NotEnough
from chuzhi.organization.models import Store, Till
from chuzhi.organization.roles import Grant
from chuzhi.payments.counter import drawer, tenders
from chuzhi.till import baskets, paying, receipts, returns
from chuzhi.till.errors import (
    BasketEmpty,
    BasketIsOver,
    BasketPaid,
    DiscountTooLarge,
    NotAColleague,
    NotSold,
    NoVisits,
    OtherCurrency,
    PaidTooLittle,
    PaidTooMuch,
    QuantityUnusable,
)
from chuzhi.till.models import Basket, Sale, SaleLine
from chuzhi.till.paying import Means, Paid
from chuzhi.wallets import queries
from chuzhi.wallets.errors import NotForThis
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def basket(store: Store, till: Till, cashier: Actor) -> Basket:
    return baskets.begin(store=store.pk, till=till.pk, currency="CNY", key=make.key(), by=cashier)


def fill(basket: Basket, *prices: int, **more: object) -> list[int]:
    """One of each of some products of these prices; answers the numbers of their lines."""
    for price in prices:
        baskets.add(basket=basket, product=goods.product(price, **more), quantity=1000, key=make.key(), by=cast.OWNER)  # type: ignore[arg-type]
    return list(basket.lines.order_by("pk").values_list("pk", flat=True))


def pay(basket: Basket, means: Means, by: Actor, **more: object) -> Paid:
    values: dict[str, object] = {"key": make.key(), "till": basket.till} | more
    return paying.pay(basket=basket, means=means, by=by, **values)  # type: ignore[arg-type]


def available(wallet: Wallet) -> int:
    return queries.balance(wallet).available


class TestFilling:
    def test_the_catalogue_says_what_it_costs(self, basket: Basket, cashier: Actor) -> None:
        noodles, tea = goods.product(28_00, gold=25_00), goods.product(680_00, is_weighed=True, unit="kg")

        baskets.add(basket=basket, product=noodles, quantity=2000, key="a", by=cashier)
        baskets.add(basket=basket, product=noodles, quantity=1000, key="b", by=cashier)
        baskets.add(basket=basket, product=tea, quantity=35, key="c", by=cashier)

        assert [line.said for line in baskets.bill_of(basket).lines] == ["3", "0.035 kg"]
        assert baskets.bill_of(basket).total == 84_00 + 23_80
        assert baskets.bill_of(basket, frozenset({"gold"})).total == 75_00 + 23_80

    def test_the_same_key_adds_once(self, basket: Basket, cashier: Actor) -> None:
        noodles = goods.product(28_00)

        for _twice in range(2):
            baskets.add(basket=basket, product=noodles, quantity=1000, key="once", by=cashier)

        assert baskets.bill_of(basket).total == 28_00

    def test_a_line_is_changed_and_taken_out(self, basket: Basket, cashier: Actor) -> None:
        [line] = fill(basket, 28_00)

        baskets.change(basket=basket, line=line, quantity=3000, discount=4_00, key="a", by=cashier)
        assert baskets.bill_of(basket).total == 80_00
        baskets.change(basket=basket, line=line, quantity=0, key="b", by=cashier)

        assert not basket.lines.exists()

    @pytest.mark.parametrize("quantity", [500, 0, -1000, 100_001_000])
    def test_what_is_counted_is_sold_whole(self, basket: Basket, cashier: Actor, quantity: int) -> None:
        with pytest.raises(QuantityUnusable):
            baskets.add(basket=basket, product=goods.product(1_00), quantity=quantity, key="a", by=cashier)

        assert not basket.lines.exists()

    def test_what_has_no_price_here_is_not_sold(self, basket: Basket, cashier: Actor) -> None:
        foreign = goods.product(1_00, prices=[Priced(amount=1_00, currency="USD")])

        for product in (foreign, goods.product(1_00, is_active=False)):
            with pytest.raises(NotSold):
                baskets.add(basket=basket, product=product, quantity=1000, key=make.key(), by=cashier)

    def test_only_a_wallet_of_its_currency_and_a_colleague_of_its_store(
        self, basket: Basket, cashier: Actor, wallet: Wallet
    ) -> None:
        visits = shop.new_wallet(shop.new_programme(asset="VISITS:haircut"))
        [colleague, stranger] = [cast.person("cashier"), cast.person(Grant("cashier", cast.store().pk))]

        baskets.pay_from(basket=basket, wallet=wallet, key="a", by=cashier)
        baskets.serve(basket=basket, served_by=colleague.pk, key="b", by=cashier)

        with pytest.raises(OtherCurrency):
            baskets.pay_from(basket=basket, wallet=visits, key="c", by=cashier)
        with pytest.raises(NotAColleague):
            baskets.serve(basket=basket, served_by=stranger.pk, key="d", by=cashier)
        basket.refresh_from_db()
        assert (basket.wallet, basket.served_by) == (wallet.pk, colleague.pk)


class TestHolding:
    def test_any_till_of_the_store_takes_it_up_again(self, basket: Basket, cashier: Actor, store: Store) -> None:
        other_till = cast.till(store)
        fill(basket, 28_00)

        baskets.hold(basket=basket, label="尾号 8000", by=cashier)
        [waiting] = baskets.held_in(store.pk, cashier)
        taken = baskets.resume(basket=waiting, till=other_till.pk, by=cashier)

        assert (waiting.label, taken.till, taken.state) == ("尾号 8000", other_till.pk, Basket.State.OPEN)
        assert not baskets.held_in(store.pk, cashier)

    def test_two_tills_cannot_both_take_it_up(self, basket: Basket, cashier: Actor, store: Store) -> None:
        baskets.hold(basket=basket, by=cashier)
        baskets.resume(basket=basket, till=cast.till(store).pk, by=cashier)

        with pytest.raises(BasketIsOver):
            baskets.resume(basket=basket, till=cast.till(store).pk, by=cashier)

    def test_nothing_is_changed_while_it_waits_or_after_it_was_given_up(self, basket: Basket, cashier: Actor) -> None:
        product = goods.product(1_00)
        baskets.hold(basket=basket, by=cashier)
        with pytest.raises(BasketIsOver):
            baskets.add(basket=basket, product=product, quantity=1000, key="a", by=cashier)

        baskets.drop(basket=basket, by=cashier)

        with pytest.raises(BasketIsOver):
            baskets.resume(basket=basket, by=cashier)

    def test_another_store_neither_sees_nor_touches_it(self, basket: Basket) -> None:
        stranger = cast.actor("cashier", at=cast.store())

        assert not baskets.visible_to(stranger).exists()
        with pytest.raises(Refused):
            baskets.hold(basket=basket, by=stranger)


class TestDiscount:
    def test_above_what_is_theirs_a_second_person_signs(self, basket: Basket, funded: Wallet, store: Store) -> None:
        cashier, manager = cast.actor("cashier", at=store), cast.actor("manager", at=store)
        [line] = fill(basket, 100_00)

        with pytest.raises(SecondPersonNeeded) as no:
            baskets.change(basket=basket, line=line, discount=30_00, key="a", by=cashier)
        request = baskets.ask_for_discount(basket=basket, amount=30_00, reason="瑕疵", key="b", by=cashier)
        approvals.approve(request=request, by=manager)
        baskets.change(basket=Basket.objects.get(pk=basket.pk), line=line, discount=30_00, key="c", by=cashier)
        pay(basket, Means(wallet=funded), cashier)

        assert no.value.facts == {"limit": 20_00}
        assert available(funded) == 580_00 - 70_00

    def test_many_small_ones_end_with_the_day(self, funded: Wallet, store: Store, till: Till) -> None:
        cashier = cast.actor("cashier", at=store)
        authority.set_limits(kind=baskets.DISCOUNT, who="cashier", limits=Limits(alone=20_00, a_day=30_00), by=cast.OWNER)
        sold = []
        for _each in range(2):
            basket = baskets.begin(store=store.pk, till=till.pk, currency="CNY", key=make.key(), by=cashier)
            sold.append((basket, fill(basket, 100_00)[0]))
            baskets.change(basket=basket, line=sold[-1][1], discount=20_00, key="a", by=cashier)

        pay(sold[0][0], Means(wallet=funded), cashier)
        with pytest.raises(SecondPersonNeeded):
            pay(sold[1][0], Means(wallet=funded), cashier)

        assert available(funded) == 500_00

    def test_something_stays_to_be_paid(self, basket: Basket) -> None:
        [line] = fill(basket, 5_00)

        with pytest.raises(DiscountTooLarge):
            baskets.change(basket=basket, line=line, discount=5_00, key="a", by=cast.OWNER)


class TestPaying:
    def test_the_sale_says_what_was_sold_by_whom_at_which_price(self, basket: Basket, funded: Wallet, cashier: Actor) -> None:
        colleague = cast.person("cashier")
        lines = fill(basket, 28_00, 12_00)
        baskets.change(basket=basket, line=lines[0], quantity=2000, discount=6_00, key="a", by=cashier)
        baskets.serve(basket=basket, served_by=colleague.pk, key="b", by=cashier)

        paid = pay(basket, Means(wallet=funded), cashier)

        sale = Sale.objects.get()
        assert (sale.amount, sale.paid, sale.basket, sale.served_by) == (62_00, 62_00, basket.pk, colleague.pk)
        rows = SaleLine.objects.order_by("line").values_list("quantity", "price", "discount", "amount")
        assert list(rows) == [("2", 28_00, 6_00, 50_00), ("1", 12_00, 0, 12_00)]
        assert receipts.of(operation=paid.id, actor=cashier).total == 62_00
        assert available(funded) == 580_00 - 62_00

    def test_the_same_key_sells_once_and_another_is_told(self, basket: Basket, funded: Wallet, cashier: Actor) -> None:
        fill(basket, 28_00)

        first, again = (pay(basket, Means(wallet=funded), cashier, key="sale") for _twice in range(2))

        assert (again.replayed, again.operations) == (True, first.operations)
        with pytest.raises(BasketPaid) as no:
            pay(basket, Means(wallet=funded), cashier, key="other")
        assert no.value.facts == {"operation": first.id}
        assert available(funded) == 552_00

    def test_a_refusal_changes_nothing(self, basket: Basket, funded: Wallet, cashier: Actor) -> None:
        fill(basket, 600_00)

        with pytest.raises(NotEnough):
            pay(basket, Means(wallet=funded), cashier)

        basket.refresh_from_db()
        assert (basket.state, available(funded), Sale.objects.count()) == (Basket.State.OPEN, 580_00, 0)

    def test_wallet_cash_and_card_to_the_cent_and_change_into_the_wallet(
        self, basket: Basket, funded: Wallet, cashier: Actor, till: Till
    ) -> None:
        shift = drawer.open_shift(till=till, opened_with=0, by=cashier)
        fill(basket, 99_99)
        means = Means(wallet=funded, cash=50_00, keeps_change=True, card=33_33, slip=shop.slip())

        paid = pay(basket, means, cashier, from_wallet=20_00)

        sale = Sale.objects.get()
        assert (sale.amount, sale.paid) == (99_99, 20_00)
        paid_beside = [(each.method, each.amount) for each in tenders.of(sale.book, sale.seq)]
        assert paid_beside == [(Method.CASH, 46_66), (Method.TERMINAL, 33_33)]
        assert available(funded) == 580_00 - 20_00 + 3_34
        assert drawer.flow_of(shift).came == 50_00
        [_sold, change] = paid.operations
        assert receipts.of(operation=change, actor=cashier).kind is Kind.TOP_UP
        assert receipts.of(operation=change, actor=cashier).reference == paid.id

    def test_goods_go_back_by_the_split(self, basket: Basket, funded: Wallet, cashier: Actor, till: Till) -> None:
        fill(basket, 100_00)
        pay(basket, Means(wallet=funded, cash=40_00), cashier)
        sale = Sale.objects.get()

        done = returns.give_back(
            wallet=funded, charge=sale.seq, amount=50_00, reason="退货", key=make.key(), by=cashier, till=till.pk
        )

        assert (done.split.to_wallet, [each.amount for each in done.split.tenders]) == (30_00, [20_00])

    def test_a_count_card_pays_for_its_service_and_the_wallet_for_the_rest(
        self, basket: Basket, funded: Wallet, store: Store, cashier: Actor
    ) -> None:
        card = shop.new_wallet(shop.new_programme(asset="VISITS:haircut"), funded.customer)
        shop.top_up(card, 10, store)
        cut, _shampoo = fill(basket, 128_00, kind="service", visits="haircut") + fill(basket, 89_00)[1:]

        paid = pay(basket, Means(wallet=funded, visits={cut: card}), cashier)

        assert (available(card), available(funded)) == (9, 580_00 - 89_00)
        assert [receipts.of(operation=each, actor=cashier).amount for each in paid.operations] == [89_00, 1]

    def test_visits_alone_are_enough(self, basket: Basket, store: Store, cashier: Actor) -> None:
        card = shop.new_wallet(shop.new_programme(asset="VISITS:haircut"))
        shop.top_up(card, 10, store)
        [cut] = fill(basket, 128_00, kind="service", visits="haircut")
        baskets.change(basket=basket, line=cut, quantity=2000, key="two", by=cashier)

        pay(basket, Means(visits={cut: card}), cashier)

        assert available(card) == 8

    def test_a_card_of_another_service_pays_nothing(self, basket: Basket, store: Store, cashier: Actor) -> None:
        card = shop.new_wallet(shop.new_programme(asset="VISITS:massage"))
        shop.top_up(card, 10, store)
        [cut] = fill(basket, 128_00, kind="service", visits="haircut")

        with pytest.raises(NoVisits):
            pay(basket, Means(visits={cut: card}), cashier)

        assert available(card) == 10

    @pytest.mark.parametrize(
        ("means", "from_wallet", "no"),
        [
            (Means(cash=50_00), None, PaidTooLittle),
            (Means(cash=10_00), 50_00, PaidTooLittle),
            (Means(), 100_01, PaidTooMuch),
            (Means(card=100_01), None, PaidTooMuch),
        ],
    )
    def test_what_does_not_add_up_is_named(
        self, basket: Basket, funded: Wallet, cashier: Actor, means: Means, from_wallet: int | None, no: type[Refused]
    ) -> None:
        fill(basket, 100_00)
        wallet = funded if from_wallet or means.card else None

        with pytest.raises(no):
            pay(basket, replace(means, wallet=wallet), cashier, from_wallet=from_wallet)

        assert available(funded) == 580_00

    def test_an_empty_basket_is_not_sold_nor_what_went_off_sale(self, basket: Basket, funded: Wallet, cashier: Actor) -> None:
        with pytest.raises(BasketEmpty):
            pay(basket, Means(wallet=funded), cashier)
        product = goods.product(1_00, sku="GONE")
        baskets.add(basket=basket, product=product, quantity=1000, key="a", by=cashier)
        gone = Described(sku="GONE", name="x", prices=[Priced(amount=1_00, currency="CNY")], is_active=False)
        products.change(product=product, described=gone, by=cast.OWNER)

        with pytest.raises(NotSold):
            pay(basket, Means(wallet=funded), cashier)


class TestScope:
    @pytest.fixture
    def restricted(self, store: Store) -> Wallet:
        hair = goods.category("美发")
        self.cut = goods.category("剪发", hair)
        wallet = shop.new_wallet(shop.new_programme(categories=[hair.pk]))
        shop.top_up(wallet, 500_00, store)
        return wallet

    def test_it_pays_for_what_is_in_its_categories_and_names_them(
        self, basket: Basket, restricted: Wallet, cashier: Actor
    ) -> None:
        fill(basket, 128_00, category=self.cut)
        fill(basket, 89_00)

        with pytest.raises(NotForThis) as no:
            pay(basket, Means(wallet=restricted), cashier)
        pay(basket, Means(wallet=restricted, cash=89_00), cashier)

        assert no.value.facts == {"accepted": "美发", "left": 128_00}
        assert available(restricted) == 500_00 - 128_00

    def test_a_plain_amount_says_nothing_of_what_it_is_for(self, restricted: Wallet, store: Store) -> None:
        with pytest.raises(NotForThis):
            shop.charge(restricted, 10_00, store)

        assert available(restricted) == 500_00
