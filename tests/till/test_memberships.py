"""A membership lasts as long as what was paid for it says, whatever is renewed, brought back, or made one."""

from dataclasses import replace
from datetime import date, timedelta

import make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import cast
import goods
import shop
from api.program import Program
from chuzhi.catalogue import products
from chuzhi.catalogue.errors import ProductUnusable
from chuzhi.catalogue.models import Product
from chuzhi.core import months
from chuzhi.core.actors import Actor
from chuzhi.customers import merging
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Till
from chuzhi.till import baskets, memberships, paying, returns
from chuzhi.till.errors import NobodysMembership
from chuzhi.till.memberships import end_of
from chuzhi.till.models import Basket, SoldMembership
from chuzhi.till.paying import Means, Paid
from chuzhi.wallets import accounts, spending
from chuzhi.wallets.errors import NotForThis
from chuzhi.wallets.models import Programme, Wallet

PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
DAYS = some.dates(date(2000, 1, 1), date(2050, 12, 31))


class TestReckoning:
    def test_month_after_month_a_31st_stays_one(self) -> None:
        renewed = [(date(2026, 1, 31), 1), (date(2026, 2, 27), 1), (date(2026, 3, 31), 1)]

        assert end_of(renewed) == date(2026, 4, 30)
        assert end_of([*renewed, (date(2026, 4, 2), 1)]) == date(2026, 5, 31)

    def test_after_a_gap_it_begins_anew(self) -> None:
        assert end_of([(date(2026, 1, 10), 1), (date(2026, 2, 10), 1)]) == date(2026, 3, 10)
        assert end_of([(date(2026, 1, 10), 1), (date(2026, 2, 11), 1)]) == date(2026, 3, 11)

    @PATIENT
    @given(day=DAYS, parts=some.lists(some.integers(1, 24), min_size=1, max_size=8))
    def test_bought_in_parts_on_one_day_it_lasts_as_long_as_bought_at_once(self, day: date, parts: list[int]) -> None:
        assert end_of([(day, part) for part in parts]) == months.later(day, sum(parts))

    @PATIENT
    @given(
        terms=some.lists(some.tuples(DAYS, some.integers(1, 24)), min_size=1, max_size=8),
        more=some.tuples(DAYS, some.integers(1, 24)),
    )
    def test_another_one_never_shortens_it(self, terms: list[tuple[date, int]], more: tuple[date, int]) -> None:
        assert end_of(sorted([*terms, more])) >= end_of(sorted(terms))


pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> Product:
    return goods.product(199_00, "金卡会员", kind="service", months=12)


@pytest.fixture
def holder(funded: Wallet) -> Customer:
    assert funded.customer
    return funded.customer


def filled(till: Till, by: Actor, product: Product, quantity: int = 1) -> Basket:
    basket = baskets.begin(store=till.store_id, till=till.pk, currency="CNY", key=make.key(), by=by)
    baskets.add(basket=basket, product=goods.product(1_00), quantity=1000, key=make.key(), by=by)
    baskets.add(basket=basket, product=product, quantity=quantity * 1000, key=make.key(), by=by)
    return basket


def buys(wallet: Wallet | None, till: Till, product: Product, quantity: int = 1, **more: object) -> Paid:
    basket = filled(till, cast.OWNER, product, quantity)
    means = Means(wallet=wallet, **more)  # type: ignore[arg-type]  # any ways of paying
    return paying.pay(basket=basket, means=means, key=make.key(), by=cast.OWNER, till=till.pk)


def ends(customer: Customer) -> list[date]:
    return [one.until for one in memberships.of(customer.pk, cast.OWNER)]


def today() -> date:
    return SoldMembership.objects.order_by("-pk").values_list("day", flat=True)[0]


class TestSold:
    def test_from_the_balance_it_begins_and_is_renewed(
        self, funded: Wallet, holder: Customer, till: Till, year: Product
    ) -> None:
        buys(funded, till, year)
        assert ends(holder) == [months.later(today(), 12)]

        buys(funded, till, year, 1, cash=100_00)

        found = memberships.of(holder.pk, cast.OWNER)
        assert [(one.name, one.until, one.is_over) for one in found] == [("金卡会员", months.later(today(), 24), False)]

    def test_asked_twice_it_is_prolonged_once(self, funded: Wallet, holder: Customer, till: Till, year: Product) -> None:
        basket = filled(till, cast.OWNER, year)

        first, again = (
            paying.pay(basket=basket, means=Means(wallet=funded), key="k", by=cast.OWNER, till=till.pk) for _each in range(2)
        )

        assert (first.operations, again.replayed) == (again.operations, True)
        assert ends(holder) == [months.later(today(), 12)]

    def test_what_it_lasts_later_changes_nothing_of_what_was_sold(
        self, funded: Wallet, holder: Customer, till: Till, year: Product
    ) -> None:
        buys(funded, till, year)
        products.change(product=year, described=replace(products.described(year), months=1), by=cast.OWNER)

        assert ends(holder) == [months.later(today(), 12)]

    def test_it_is_sold_to_somebody(self, programme: Programme, till: Till, year: Product) -> None:
        bearer = accounts.open_wallet(programme=programme, customer=None, key="b", by=cast.OWNER)
        for wallet, cash in ((None, 200_00), (bearer, 0)):
            with pytest.raises(NobodysMembership):
                buys(wallet, till, year, cash=cash)
        assert not SoldMembership.objects.exists()

    def test_a_wallet_for_other_goods_does_not_pay_for_it(self, till: Till, year: Product) -> None:
        food = goods.category("食品")
        purse = shop.new_wallet(shop.new_programme(categories=(food.pk,)))
        shop.top_up(purse, 500_00, till.store)

        with pytest.raises(NotForThis):
            buys(purse, till, year)
        assert not SoldMembership.objects.exists()


class TestBack:
    def test_what_comes_back_takes_what_it_gave(self, funded: Wallet, holder: Customer, till: Till, year: Product) -> None:
        shop.top_up(funded, 500_00, till.store)
        buys(funded, till, year)
        sold = buys(funded, till, year, 2)
        assert ends(holder) == [months.later(today(), 36)]

        line = SoldMembership.objects.get(quantity=2)
        returns.give_back(
            wallet=funded, charge=line.seq, goods={line.line: 1000}, reason="x", key="r", by=cast.OWNER, till=till.pk
        )
        assert ends(holder) == [months.later(today(), 24)]
        assert sold.id.endswith(str(line.seq))

    def test_a_charge_that_was_given_back_has_prolonged_nothing(
        self, funded: Wallet, holder: Customer, till: Till, year: Product
    ) -> None:
        buys(funded, till, year)
        sold = SoldMembership.objects.get()

        spending.refund(
            wallet=funded, charge=sold.seq, amount=200_00, reason="x", key="r", by=cast.OWNER, store=till.store_id, till=till.pk
        )

        assert ends(holder) == []


class TestMerged:
    def test_two_of_one_person_add_up_and_are_two_again(
        self, funded: Wallet, holder: Customer, till: Till, year: Product, programme: Programme
    ) -> None:
        twin = shop.new_customer()
        other = shop.new_wallet(programme, twin)
        shop.top_up(other, 500_00, till.store)
        buys(funded, till, year)
        buys(other, till, year, 2)

        merge = merging.merge(kept=holder, gone=twin, taken=[], reason="x", by=cast.OWNER)
        assert ends(holder) == [months.later(today(), 36)]

        merging.undo(merge=merge, by=cast.OWNER)
        assert (ends(holder), ends(twin)) == ([months.later(today(), 12)], [months.later(today(), 24)])


class TestShown:
    def test_on_the_pages_and_to_programs(self, funded: Wallet, holder: Customer, till: Till, year: Product) -> None:
        buys(funded, till, year)
        manager = cast.signed_in(cast.person("manager"), at=till)

        for address in (f"/console/customers/{holder.pk}/", f"/console/till/wallets/{funded.pk}/charge/"):
            page = manager.get(address).content.decode()
            assert "金卡会员" in page
            assert str(months.later(today(), 12)) in page
        told = Program("wallets:read").get(f"/customers/{holder.pk}/memberships").json()
        assert told == {
            "items": [
                {"product": str(year.pk), "name": "金卡会员", "until": months.later(today(), 12).isoformat(), "is_over": False}
            ]
        }
        assert Program("wallets:read").get("/customers/999999/memberships").status_code == 404
        assert ends(holder)[0] - today() > timedelta(364)


@pytest.mark.parametrize(
    "wrong",
    [{"months": 12}, {"kind": "service", "months": 121}, {"kind": "service", "months": 1, "visits": "cut"}, {"months": -1}],
)
def test_what_is_no_membership(wrong: dict[str, object]) -> None:
    with pytest.raises(ProductUnusable) as no:
        goods.product(10_00, **wrong)
    assert no.value.facts == {"field": "months"}
