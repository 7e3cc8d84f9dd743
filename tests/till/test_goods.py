"""Goods that come back: by line and quantity, each at its share of what was paid, the way it was paid."""

import make
import pytest
from hypothesis import given
from hypothesis import strategies as some

import cast
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Till
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.tenders import Tender
from chuzhi.till import goods, receipts, records, returns, sales
from chuzhi.till.goods import Out
from chuzhi.till.models import ReturnedLine, SaleReturn
from chuzhi.till.returns import Returned
from chuzhi.till.tickets import Line
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

LINES = (Line("洗发水", 100_00, "3 瓶"), Line("白毫银针", 23_45, "0.35 kg"), Line("礼盒", 10_00, "a dozen"))


def sell(wallet: Wallet, till: Till, *, cash: int = 0) -> Moved:
    paid = [Tender(method=Method.CASH, amount=cash)] if cash else []
    total = sum(line.amount for line in LINES)
    return sales.complete(
        wallet=wallet, amount=total, store=till.store_id, till=till.pk, lines=LINES, paid_otherwise=paid, key=make.key(),
        by=cast.OWNER,
    )  # fmt: skip


def take_back(wallet: Wallet, sold: Moved, back: dict[int, int], **more: object) -> Returned:
    values: dict[str, object] = {"key": make.key(), "by": cast.OWNER, "reason": "too dry"} | more
    return returns.give_back(wallet=wallet, charge=sold.seq, goods=back, **values)  # type: ignore[arg-type]  # any


def refused(code: str, wallet: Wallet, sold: Moved, back: dict[int, int], **more: object) -> None:
    with pytest.raises(Refused) as no:
        take_back(wallet, sold, back, **more)
    assert no.value.code == code


@given(
    amount=some.integers(1, 10**9),
    parts=some.lists(some.integers(1, 10**6), min_size=1, max_size=8),
)
def test_any_series_of_part_returns_comes_to_exactly_what_was_paid(amount: int, parts: list[int]) -> None:
    left, quantity, back = amount, sum(parts), 0

    for part in parts:
        worth = Out(1, "any", "", sum(parts), quantity, left).worth(part)
        assert abs(worth * quantity - left * part) < quantity  # less than one unit from its exact share
        left, quantity, back = left - worth, quantity - part, back + worth

    assert (left, quantity, back) == (0, 0, amount)


@pytest.mark.parametrize(
    ("said", "measured"),
    [("2", (2000, "")), ("0.35 kg", (350, "kg")), ("3 瓶", (3000, "瓶")), ("a dozen", (1000, "")), ("0 kg", (1000, ""))],
)
def test_a_quantity_is_read_as_the_receipt_says_it(said: str, measured: tuple[int, str]) -> None:
    assert goods.measured(said) == measured


@pytest.mark.django_db
class TestBringingBack:
    def test_each_line_is_worth_its_share_and_each_part_goes_the_way_it_came(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till, cash=33_45)

        first = take_back(funded, sold, {1: 1000})
        second = take_back(funded, sold, {1: 1000, 2: 350})
        last = take_back(funded, sold, {1: 1000, 3: 1000})

        assert [each.split.amount for each in (first, second, last)] == [33_33, 33_34 + 23_45, 33_33 + 10_00]
        assert queries.balance(funded).available == 580_00
        assert [each.amount for each in tenders.left(sold.book, sold.seq)] == [0]
        assert not any(each.quantity or each.amount for each in goods.out(sold.book, sold.seq))

    def test_more_than_was_sold_never_comes_back(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till)
        take_back(funded, sold, {1: 2000})

        refused("return.not_that_many", funded, sold, {1: 2000})
        refused("return.not_that_many", funded, sold, {3: 500, 2: 351})
        refused("return.no_such_line", funded, sold, {4: 1000})
        refused("return.amount_or_goods", funded, sold, {})
        refused("return.amount_or_goods", funded, sold, {1: 1000}, amount=1_00)
        assert SaleReturn.objects.count() == 1

    def test_what_went_back_as_a_plain_amount_does_not_go_back_again(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till)
        returns.give_back(wallet=funded, charge=sold.seq, amount=100_00, reason="broken", key=make.key(), by=cast.OWNER)

        refused("refund.too_large", funded, sold, {1: 3000})

    def test_asked_again_it_comes_back_once(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till)
        first = take_back(funded, sold, {1: 1000}, key="back")

        again = take_back(funded, sold, {1: 1000}, key="back")

        assert (again.replayed, again.id, ReturnedLine.objects.count()) == (True, first.id, 1)
        refused("idempotency.key_reused", funded, sold, {1: 2000}, key="back")
        refused("idempotency.key_reused", funded, sold, {2: 350}, key="back")

    def test_a_key_of_a_plain_refund_is_not_a_return_of_goods(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till)
        plain = {"wallet": funded, "charge": sold.seq, "reason": "too dry", "key": "back", "by": cast.OWNER}
        returns.give_back(amount=33_33, **plain)  # type: ignore[arg-type]  # any

        refused("idempotency.key_reused", funded, sold, {1: 1000}, key="back")
        assert not ReturnedLine.objects.exists()

    def test_the_receipt_and_the_record_name_the_goods(self, funded: Wallet, till: Till) -> None:
        sold = sell(funded, till)
        back = take_back(funded, sold, {2: 350, 1: 1000})

        receipt = receipts.of(operation=back.id, actor=cast.OWNER)
        record = records.of(operation=sold.id, actor=cast.OWNER)

        assert {(line.name, line.quantity, line.amount) for line in receipt.lines} == {
            ("洗发水", "1 瓶", 33_33), ("白毫银针", "0.35 kg", 23_45),
        }  # fmt: skip
        assert [(out.back, out.quantity) for out in record.out] == [(1000, 2000), (350, 0), (0, 1000)]
        assert [each.amount for each in record.backs] == [56_78]
