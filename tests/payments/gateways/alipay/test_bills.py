"""The bill of a day against the books of the stand-in, and bills that must not be believed."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import StandIn, standing_in

from chuzhi.payments.gateways.alipay import account, gateway, yuan
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import Asked, BillLine, LineKind, OutcomeUnknownError, ProviderRefusedError

DAY_SECONDS = 24 * 60 * 60


@pytest.fixture
def running(keys: Path) -> Iterator[StandIn]:
    """One with empty books for each test: a bill is of everything that happened on a day."""
    with standing_in("alipay", keys) as provider:
        yield provider


@pytest.fixture
def shop(provider: StandIn) -> Alipay:
    return gateway.build(account.parse(provider.account))


@pytest.fixture
def today() -> date:
    return datetime.now(UTC).astimezone(yuan.CHINA).date()


@pytest.fixture
def day(shop: Alipay, provider: StandIn, orders: Orders, paid: Callable[..., Asked], today: date) -> date:
    """A day with payments and refunds, which is over."""
    for amount in (1, 99, 10_000, 12_345):
        asked = paid(amount=amount, subject="充值,储值卡")
        if amount > 9_999:
            shop.refund(orders.refund(asked, 5_000))
    provider.control("bill")
    provider.control("clock", ahead_seconds=DAY_SECONDS)
    return today


def told(lines: list[BillLine]) -> Counter[tuple[LineKind, str, int]]:
    return Counter((line.kind, line.number, line.amount) for line in lines)


def true(provider: StandIn) -> Counter[tuple[LineKind, str, int]]:
    books = provider.books()
    payments = [(LineKind.PAYMENT, each["number"], each["amount"]) for each in books["payments"] if each["is_paid"]]
    return Counter([*payments, *((LineKind.REFUND, each["number"], -each["amount"]) for each in books["refunds"])])


def test_every_payment_and_refund_is_on_the_bill(shop: Alipay, provider: StandIn, day: date) -> None:
    bill = shop.bill(day)

    assert bill.on == day
    assert told(list(bill.lines)) == true(provider)
    fees = {line.amount: line.fee for line in bill.lines}
    assert (fees[12_345], fees[10_000], fees[-5_000], fees[1]) == (74, 60, -30, 0)
    assert all(line.at and line.at.date() == day for line in bill.lines)
    assert all(line.currency == "CNY" and line.provider_id for line in bill.lines)


def test_planted_differences_are_on_the_bill_and_late_lines_on_the_next(
    shop: Alipay, provider: StandIn, orders: Orders, day: date
) -> None:
    provider.control("bill", missing=1, extra=2, late=1, differing=2)

    bill = told(list(shop.bill(day).lines))

    books = true(provider)
    planted = Counter(each["kind"] for each in provider.books()["bill_differences"])
    assert planted == {"missing": 1, "extra": 2, "late": 1, "differing": 2}
    assert (books - bill).total() == 4
    assert (bill - books).total() == 4
    late = next(each["number"] for each in provider.books()["bill_differences"] if each["kind"] == "late")
    shop.start(orders.scanned(expires_at=datetime.now(UTC) + timedelta(days=3)))
    provider.control("clock", ahead_seconds=2 * DAY_SECONDS)
    assert late in {line.number for line in shop.bill(day + timedelta(days=1)).lines}


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("total", "do not add up to the total"),
        ("fee", "do not add up to 服务费"),
        ("truncated", "cannot be read"),
        ("merchant", "another merchant"),
        ("day", "another day"),
    ],
)
def test_a_bill_that_is_not_sound_is_not_believed(shop: Alipay, provider: StandIn, day: date, fault: str, why: str) -> None:
    provider.control("bill", fault=fault)

    with pytest.raises(OutcomeUnknownError, match=why):
        shop.bill(day)


def test_there_is_no_bill_of_today_nor_of_a_day_without_trades(shop: Alipay, day: date) -> None:
    for each in (day + timedelta(days=1), day - timedelta(days=30)):
        with pytest.raises(ProviderRefusedError, match=r"isp\.bill_not_exist"):
            shop.bill(each)


def test_a_file_that_is_not_safely_offered_is_not_fetched(shop: Alipay, provider: StandIn) -> None:
    careful = gateway.build(account.parse({**provider.account, "address": "https://127.0.0.1/gateway.do"}))

    with pytest.raises(OutcomeUnknownError, match="as safe as ours"):
        careful._channel.fetch(f"{provider.address}/downloadBillFile.resource")
