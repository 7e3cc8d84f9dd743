"""Providers with bills, and lines of our bank on days of our choosing."""

import io
from datetime import date, timedelta

from django.utils import timezone

import cast
from chuzhi.finance.models import Day, Line
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts
from chuzhi.payments.bank import intake
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.models import Account

TODAY = date(2026, 3, 20)
MERCHANT = "898320157320001"


def provider(gateway: str = "wechat", method: Method = Method.WECHAT) -> Account:
    return Account.objects.create(
        code=gateway, name=gateway, gateway=gateway, method=int(method), currency="CNY", configuration="{}"
    )


def billed(account: Account, on: date, *lines: tuple[LineKind, int, int]) -> Day:
    """A day whose bill is here: lines of a kind, with amount and fee."""
    day = Day.objects.create(account=account, on=on, fetched_at=timezone.now(), matched_at=timezone.now())
    for place, (kind, amount, fee) in enumerate(lines):
        Line.objects.create(
            day=day, place=place, kind=kind, number=f"n{place}", provider_id=f"po_{on:%Y%m%d}{place:04d}", amount=amount, fee=fee,
            currency="CNY",
        )  # fmt: skip
    return day


def row(on: date, amount: str, payer: str, text: str = "", bank: str = "") -> str:
    return f"{on.isoformat()},{amount},{payer},{text},{bank}"


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def acquirer(*, code: str = "chinaums") -> Account:
    return accounts.open_account(
        code=code, name="Card terminal", gateway="terminal", method=Method.TERMINAL, currency="CNY",
        configuration={"merchant": MERCHANT}, by=cast.OWNER,
    )  # fmt: skip


def settlement_file(on: date, *lines: tuple[str, str]) -> io.BytesIO:
    """Slip numbers of terminal T-01, each with its amount."""
    heading = "清算日期,商户号,终端号,凭证号,交易金额\n"
    rows = "".join(f"{on:%Y%m%d},{MERCHANT},T-01,{number},{amount}\n" for number, amount in lines)
    return io.BytesIO((heading + rows).encode("gb18030"))


def balanced(account: Account, on: date, *lines: tuple[str, str, str]) -> None:
    """A statement of one day: amount, balance and payer of each line."""
    rows = [f"{on},{amount},{balance},{payer}," for amount, balance, payer in lines]
    content = "\n".join(["交易日期,交易金额,余额,对方户名,附言", *rows]).encode()
    intake.take_in(account=account, content=content, file_name=f"{on}.csv", by=cast.OWNER)
