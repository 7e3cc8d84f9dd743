"""A sale that is paid in part otherwise, and what comes back of it: each part the way it went, and never a cent more."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import drawer, tenders
from chuzhi.payments.counter.models import CashKeeping
from chuzhi.payments.counter.tenders import Left, Tender
from chuzhi.till import receipts, returns, sales
from chuzhi.till.models import Sale, SaleReturn
from chuzhi.till.returns import Returned, Split
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

CASH, TERMINAL = Method.CASH, Method.TERMINAL


def cash(amount: int) -> Tender:
    return Tender(method=CASH, amount=amount)


def card(amount: int) -> Tender:
    return Tender(method=TERMINAL, amount=amount, slip=shop.slip())


def sell(wallet: Wallet, amount: int, till: Till, *otherwise: Tender, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key(), "till": till.pk, "by": cast.OWNER, "paid_otherwise": otherwise} | more
    return sales.complete(wallet=wallet, amount=amount, store=till.store_id, **values)  # type: ignore[arg-type]  # any


def take_back(wallet: Wallet, sold: Moved, amount: int, **more: object) -> Returned:
    values: dict[str, object] = {"key": make.key(), "by": cast.OWNER, "reason": "goods returned"} | more
    return returns.give_back(wallet=wallet, charge=sold.seq, amount=amount, **values)  # type: ignore[arg-type]  # any


def refused(code: str, act: object, *asked: object, **more: object) -> None:
    with pytest.raises(Refused) as no:
        act(*asked, **more)  # type: ignore[operator]  # one of the two above
    assert no.value.code == code


class TestSplitting:
    @given(
        paid=some.lists(some.integers(1, 10**9), min_size=1, max_size=6),
        shares=some.lists(some.integers(1, 100), min_size=1, max_size=12),
    )
    def test_any_series_gives_back_exactly_what_was_paid_tender_by_tender(self, paid: list[int], shares: list[int]) -> None:
        back = [0] * len(paid)
        asked = [sum(paid) * share // sum(shares) for share in shares]
        asked[-1] += sum(paid) - sum(asked)

        for amount in filter(None, asked):
            parts = parts_of(returns.split(whole(paid, back), amount))
            assert sum(parts) == amount
            total = sum(paid) - sum(back)
            for part, each, gone in zip(parts, paid, back, strict=True):
                assert 0 <= part <= each - gone
                assert abs(part * total - amount * (each - gone)) < total  # less than one unit from its exact share
            back = [gone + part for gone, part in zip(back, parts, strict=True)]

        assert back == paid

    def test_more_than_was_paid_is_refused(self) -> None:
        refused("refund.too_large", returns.split, Split(60_00, (Left(1, CASH, 40_00),)), 100_01)


def whole(paid: Sequence[int], back: Sequence[int]) -> Split:
    wallet, *others = [each - gone for each, gone in zip(paid, back, strict=True)]
    return Split(wallet, tuple(Left(place, CASH, amount) for place, amount in enumerate(others, start=1)))


def parts_of(split: Split) -> list[int]:
    return [split.to_wallet, *(each.amount for each in split.tenders)]


@pytest.mark.django_db
class TestSelling:
    def test_the_wallet_pays_exactly_the_rest(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, 100_00, till, cash(30_00), card(10_00))

        sale = Sale.objects.get(book=sold.book, seq=sold.seq)
        assert (sale.amount, sale.paid, queries.balance(funded).available) == (100_00, 60_00, 520_00)
        assert [(each.method, each.amount) for each in tenders.of(sold.book, sold.seq)] == [(CASH, 30_00), (TERMINAL, 10_00)]
        receipt = receipts.of(operation=sold.id, actor=cast.OWNER)
        assert (receipt.total, receipt.amount, receipt.tenders) == (100_00, 60_00, (("cash", 30_00), ("terminal", 10_00)))

    def test_asked_again_it_happens_once_and_other_tenders_are_another_request(self, funded: Wallet, till: Till) -> None:
        first = sell(funded, 100_00, till, cash(40_00), key="basket")

        assert sell(funded, 100_00, till, cash(40_00), key="basket").replayed
        refused("idempotency.key_reused", sell, funded, 100_00, till, cash(30_00), cash(10_00), key="basket")
        assert len(tenders.of(first.book, first.seq)) == 1

    @pytest.mark.parametrize(
        ("code", "otherwise", "more"),
        [
            ("sale.nothing_from_wallet", [cash(100_00)], {}),
            ("sale.nothing_from_wallet", [cash(70_00), cash(40_00)], {}),
            ("sale.tenders_and_partial", [cash(40_00)], {"allow_partial": True}),
            ("sale.tenders_unusable", [cash(1_00)] * 6, {}),
            ("sale.tenders_unusable", [Tender(method=Method.WECHAT, amount=1_00)], {}),
            ("slip.missing", [Tender(method=TERMINAL, amount=1_00)], {}),
            ("amount.out_of_range", [cash(0)], {}),
            ("amount.out_of_range", [cash(-5)], {}),
        ],
    )
    def test_what_does_not_fit_leaves_nothing(
        self, funded: Wallet, till: Till, code: str, otherwise: list[Tender], more: dict[str, object]
    ) -> None:
        refused(code, sell, funded, 100_00, till, *otherwise, **more)

        assert queries.balance(funded).available == 580_00
        assert not Sale.objects.exists()

    def test_a_slip_pays_once(self, funded: Wallet, till: Till) -> None:
        slip = card(40_00)
        refused("slip.used", sell, funded, 100_00, till, slip, slip)
        sell(funded, 100_00, till, slip)

        refused("slip.used", sell, funded, 50_00, till, slip)

    def test_a_slip_of_a_refused_sale_is_free_again(self, funded: Wallet, till: Till) -> None:
        slip = card(40_00)
        refused("wallet.not_enough", sell, funded, 1000_00, till, slip)

        assert sell(funded, 100_00, till, slip)

    def test_where_cash_needs_a_shift_there_has_to_be_one(self, funded: Wallet, till: Till) -> None:
        CashKeeping.objects.create(store=till.store, needs_shift=True)

        refused("shift.needed", sell, funded, 100_00, till, cash(40_00))
        assert sell(funded, 100_00, till, card(40_00))


@pytest.mark.django_db
class TestTakingBack:
    def test_each_part_goes_back_the_way_it_came_and_closes_to_zero(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, 100_00, till, cash(40_00))

        first = take_back(funded, sold, 33_33)
        assert (first.split.to_wallet, [each.amount for each in first.split.tenders]) == (20_00, [13_33])
        last = take_back(funded, sold, 66_67)

        assert (last.split.to_wallet, [each.amount for each in last.split.tenders]) == (40_00, [26_67])
        assert returns.left(funded, sold.seq).amount == 0
        assert queries.balance(funded).available == 580_00
        refused("refund.too_large", take_back, funded, sold, 1)

    def test_asked_again_it_gives_back_once(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, 100_00, till, cash(40_00))
        first = take_back(funded, sold, 50_00, key="back")

        again = take_back(funded, sold, 50_00, key="back")

        assert (again.replayed, again.split, again.id) == (True, first.split, first.id)
        assert SaleReturn.objects.count() == 1
        refused("idempotency.key_reused", take_back, funded, sold, 40_00, key="back")

    def test_a_cent_that_falls_to_the_cash_moves_nothing_in_the_wallet(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, 100_00, till, cash(99_99))

        back = take_back(funded, sold, 1, key="cent")

        assert (back.moved, back.split.to_wallet, back.id) == (None, 0, sold.id)
        assert take_back(funded, sold, 1, key="cent").replayed
        assert receipts.of(operation=sold.id, actor=cast.OWNER).tenders == (("cash", 99_99), ("cash", -1))

    def test_a_sale_from_the_wallet_alone_is_simply_refunded(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, 100_00, till)

        assert take_back(funded, sold, 40_00).split == Split(40_00)
        assert not SaleReturn.objects.exists()

    def test_the_receipt_of_the_return_says_what_went_where(self, funded: Wallet, till: Till) -> None:
        back = take_back(funded, sell(funded, 100_00, till, cash(40_00)), 50_00)

        receipt = receipts.of(operation=back.id, actor=cast.OWNER)
        assert (receipt.total, receipt.amount, receipt.tenders) == (50_00, 30_00, (("cash", 20_00),))

    def test_the_drawer_is_counted_with_it(self, funded: Wallet, till: Till, cashier: Actor) -> None:
        shift = drawer.open_shift(till=till, opened_with=100_00, by=cashier)
        sold = sell(funded, 100_00, till, cash(40_00))
        take_back(funded, sold, 50_00, till=till.pk, store=till.store_id)

        flow = drawer.flow_of(shift)
        assert (flow.came, flow.went) == (40_00, 20_00)
        drawer.begin_count(shift=shift, by=cashier)
        closed = drawer.close(shift=shift, pieces={100_00: 1, 20_00: 1}, by=cashier)
        assert (closed.expected, closed.difference) == (120_00, 0)

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        otherwise=some.lists(some.integers(1, 80_00), min_size=1, max_size=3),
        shares=some.lists(some.integers(1, 9), min_size=1, max_size=5),
    )
    def test_any_returns_leave_wallet_and_tenders_as_they_were(
        self, funded: Wallet, store: Store, otherwise: list[int], shares: list[int]
    ) -> None:
        wallet, till = funded, cast.till(store)
        before, amount = queries.balance(wallet).available, sum(otherwise) + 77_77
        sold = sell(wallet, amount, till, *map(cash, otherwise))
        asked = [amount * share // sum(shares) for share in shares]
        asked[-1] += amount - sum(asked)

        for part in filter(None, asked):
            take_back(wallet, sold, part)

        assert queries.balance(wallet).available == before
        assert [each.amount for each in tenders.left(sold.book, sold.seq)] == [0] * len(otherwise)


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_many_returns_at_once_give_back_no_more_than_was_paid() -> None:
    store = cast.store()
    till, wallet = cast.till(store), shop.new_wallet(shop.new_programme())
    shop.top_up(wallet, 500_00, store)
    sold = sell(wallet, 100_00, till, cash(40_00))

    def one(_each: int) -> str:
        try:
            return take_back(wallet, sold, 30_00).sale
        except Refused as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as crowd:
        done = list(crowd.map(one, range(16)))

    assert (done.count(sold.id), done.count("refund.too_large")) == (3, 13)
    assert returns.left(wallet, sold.seq) == Split(6_00, (Left(1, CASH, 4_00),))
    assert queries.balance(wallet).available == 494_00
