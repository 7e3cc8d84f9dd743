"""The daily bill: fetched, hashed, added up, and put into the contract's words."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from payments.gateways.standing_in import StandIn, standing_in
from payments.gateways.wechat.merchant import Ask, back, scanned

from chuzhi.payments.gateways.contract import Bill, Decline, LineKind, OutcomeUnknownError, ProviderRefusedError, State
from chuzhi.payments.gateways.wechat import bill
from chuzhi.payments.gateways.wechat.gateway import WeChatPay
from chuzhi.payments.gateways.wechat.transactions import BEIJING

DAY = 24 * 3600


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[StandIn]:
    """One for each test: a day has one bill."""
    with standing_in("wechat", tmp_path) as running:
        yield running


def today() -> date:
    return datetime.now(BEIJING).date()


def sell(wechat: WeChatPay, asked: Ask, *amounts: int) -> list[str]:
    numbers = []
    for amount in amounts:
        payment = asked(amount=amount, **scanned())
        wechat.start(payment)
        numbers.append(payment.number)
    return numbers


def fetched(provider: StandIn, wechat: WeChatPay, *, after_days: int = 1, of: date | None = None) -> Bill:
    provider.control("clock", ahead_seconds=after_days * DAY)
    return wechat.bill(of or today())


def test_a_bill_lists_what_came_and_what_went_back(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(amount=123_45, subject="储值 123,45", **scanned())
    wechat.start(payment)
    asked_back = back(payment, 23_45)
    wechat.refund(asked_back)

    found = fetched(provider, wechat)

    assert found.on == today()
    assert [(line.kind, line.number, line.amount, line.fee, line.currency) for line in found.lines] == [
        (LineKind.PAYMENT, payment.number, 123_45, 74, "CNY"),
        (LineKind.REFUND, asked_back.number, -23_45, -14, "CNY"),
    ]
    assert found.lines[0].provider_id == wechat.ask(payment.number).provider_id
    assert found.lines[0].at is not None
    assert found.lines[0].at.date() == today()


def test_a_day_without_trades_has_an_empty_bill(provider: StandIn, wechat: WeChatPay) -> None:
    assert fetched(provider, wechat).lines == ()


def test_today_s_bill_is_not_ready(provider: StandIn, wechat: WeChatPay) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        wechat.bill(today())

    assert (refused.value.reason, refused.value.decline) == ("STATEMENT_CREATING", Decline.LATER)


@pytest.mark.parametrize(("fault", "why"), [("wrong_hash", "hash"), ("wrong_totals", "手续费总金额")])
def test_a_bill_that_contradicts_itself_is_not_taken(
    provider: StandIn, wechat: WeChatPay, asked: Ask, fault: str, why: str
) -> None:
    sell(wechat, asked, 100_00)
    provider.control("bill", **{fault: True})

    with pytest.raises(OutcomeUnknownError, match=why):
        fetched(provider, wechat)


def test_planted_differences_are_in_the_bill(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    numbers = sell(wechat, asked, *[100_00] * 6)
    provider.control("bill", missing=1, late=1, amount=1, fee=1, double=1, extra=1)

    found = fetched(provider, wechat)
    next_day = fetched(provider, wechat, after_days=2, of=date.fromordinal(today().toordinal() + 1))

    planted = dict(httpx.get(f"{provider.address}/_control/bill").json()[today().isoformat()])
    listed = [line.number for line in found.lines]
    by_number = {line.number: line for line in found.lines}
    assert planted["missing"] not in listed
    assert planted["late"] not in listed
    assert [line.number for line in next_day.lines] == [planted["late"]]
    assert by_number[planted["amount"]].amount == 99_99
    assert by_number[planted["fee"]].fee == 61
    assert listed.count(planted["double"]) == 2
    assert by_number[planted["extra"]].amount == 12_34
    assert numbers[-1] in listed


def test_a_payment_that_was_made_and_reversed_is_listed_both_ways(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(amount=1500_00, **scanned())
    wechat.start(payment)
    provider.control("next", faults=["pay_first"])
    wechat.close(payment.number)

    found = fetched(provider, wechat)

    assert wechat.ask(payment.number).state is State.CLOSED
    assert [(line.kind, line.number, line.amount, line.fee) for line in found.lines] == [
        (LineKind.PAYMENT, payment.number, 1500_00, 9_00),
        (LineKind.REFUND, payment.number, -1500_00, -9_00),
    ]


# ---- files that cannot be right, written by hand

HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
MERCHANT = "1900009191"


def row(
    *, number: str = "P0000001", state: str = "SUCCESS", amount: str = "100.00", back: str = "0.00", refund: str = "0",
    fee: str = "0.60000", settled: str = "", refund_state: str = "", merchant: str = MERCHANT,
) -> list[str]:  # fmt: skip
    sold = amount if state == "SUCCESS" else "0.00"
    return [
        "2026-11-20 10:00:00", "wx1", merchant, "0", "", "4200001", number, "oOne", "NATIVE", state, "OTHERS", "CNY",
        settled or sold, "0.00", refund, "0", back, "0.00", "", refund_state, "储值,有逗号", "", fee, "0.60%", sold, back, "",
    ]  # fmt: skip


def written(*rows: list[str], totals: list[str] | None = None, heading: str = HEADING) -> bytes:
    def summed(column: str) -> str:
        at = HEADING.split(",").index(column)
        return str(sum(Decimal(each[at]) for each in rows))

    columns = ("应结订单金额", "退款金额", "充值券退款金额", "手续费", "订单金额", "申请退款金额")
    totals = totals or [str(len(rows)), *map(summed, columns)]
    lines = [heading, *(",".join(f"`{value}" for value in each) for each in rows)]
    return "\r\n".join([*lines, TOTALS, ",".join(f"`{value}" for value in totals), ""]).encode("utf-8-sig")


def read(content: bytes) -> Bill:
    return bill.read(content, on=date(2026, 11, 20), merchant=MERCHANT)


def test_a_coupon_that_the_merchant_pays_for_counts_as_a_fee() -> None:
    line = read(written(row(settled="95.00"))).lines[0]

    assert (line.amount, line.fee) == (100_00, 5_60)


def test_a_refund_that_failed_moved_nothing() -> None:
    line = read(written(row(state="REFUND", back="100.00", refund="50001", refund_state="FAIL"))).lines[0]

    assert (line.kind, line.amount) == (LineKind.OTHER, 0)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (written(row(), totals=["2", "100.00", "0.00", "0.00", "0.60", "100.00", "0.00"]), "2 are said"),
        (written(row(), totals=["1", "100.01", "0.00", "0.00", "0.60", "100.00", "0.00"]), "应结订单总金额"),
        (written(row(), totals=["1", "100.00", "0.00", "0.00", "0.60", "100.00", "0.01"]), "申请退款总金额"),
        (written(row(amount="100.005")), "no amount"),
        (written(row(amount="NaN"), totals=["1"] * 7), "no amount"),
        (written(row(fee="much"), totals=["1"] * 7), "cannot be right"),
        (written(row(merchant="1900000000")), "1900000000"),
        (written(row(), heading=HEADING + ",新的列"), "cannot be right"),
        (written(row()).replace(b"`CNY", b"CNY"), "cannot be right"),
        (b"".join(written(row()).splitlines(keepends=True)[:-2]), "no totals"),
        (b"", "cannot be right"),
        (b"\xff\xfe", "cannot be right"),
    ],
)
def test_a_file_that_cannot_be_right_is_not_taken(content: bytes, why: str) -> None:
    with pytest.raises(OutcomeUnknownError, match=why):
        read(content)
