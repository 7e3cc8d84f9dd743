"""The bill of a day, as a zip of two GBK files, with planted differences and faults on demand."""

import io
import random
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

from chuzhi.simulators.alipay.books import CHINA, Books, Trade, fee_of, written, yuan
from chuzhi.simulators.alipay.identity import SELLER

HEADING = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,"
    "服务费（元）,分润（元）,实收净额（元）"
)
RULE = "-" * 41
ALIVE = timedelta(seconds=30)


@dataclass(frozen=True)
class Line:
    """`amount` and `fee` have the sign that they have on the bill: a fee is negative, and comes back with a refund."""

    trade_no: str
    number: str
    is_refund: bool
    subject: str
    made_at: datetime
    at: datetime
    shop: str
    amount: int
    fee: int
    request: str = ""


@dataclass(frozen=True)
class Differences:
    """How many lines of the next bill are not as the books have them."""

    missing: int = 0
    extra: int = 0
    late: int = 0
    differing: int = 0
    fee: int = 0
    double: int = 0
    refund: int = 0  # left out


class Billing:
    """Every method is called under the stage's lock."""

    def __init__(self, books: Books, seed: int) -> None:
        self._books = books
        self._draw = random.Random(seed)  # noqa: S311 # a play, not a secret
        self._wanted = Differences()
        self._held_back: list[Line] = []
        self._made: dict[date, list[Line]] = {}
        self._offered: dict[str, tuple[date, datetime]] = {}
        self.planted: list[dict[str, str]] = []
        self.fault = ""  # of every bill from now on: "total", "fee", "truncated", "merchant" or "day"

    def want(self, differences: Differences) -> None:
        """Bills that have been made are made anew."""
        self._wanted = differences
        self._made.clear()
        self.planted.clear()

    def offer(self, on: date, now: datetime) -> str | None:
        """A token for the file, for half a minute. None: there is no bill of this day."""
        if on >= now.astimezone(CHINA).date() or not self._lines_of(on):
            return None
        token = f"{self._draw.randrange(16**24):024x}"
        self._offered[token] = (on, now + ALIVE)
        return token

    def archive(self, token: str, now: datetime) -> bytes | None:
        on, until = self._offered.get(token, (None, now))
        if on is None or until <= now:
            return None
        whole = _zipped(self._lines_of(on), on, self.fault)
        return whole[: len(whole) // 2] if self.fault == "truncated" else whole

    def _lines_of(self, on: date) -> list[Line]:
        if on not in self._made:
            true = sorted((line for line in self._true() if line.at.astimezone(CHINA).date() == on), key=lambda line: line.at)
            late, self._held_back = self._held_back, []
            self._made[on] = [*late, *self._changed(true, on)]
        return self._made[on]

    def _true(self) -> Iterator[Line]:
        for trade in self._books.trades.values():
            if trade.paid_at:
                yield _line(trade, trade.paid_at, trade.amount)
            for refund in trade.refunds.values():
                if refund.done_at:
                    yield _line(trade, refund.done_at, -refund.amount, request=refund.number)

    def _changed(self, lines: Sequence[Line], on: date) -> list[Line]:
        wanted, self._wanted = self._wanted, Differences()
        counts = {"missing": wanted.missing, "late": wanted.late, "differing": wanted.differing}
        counts |= {"fee": wanted.fee, "double": wanted.double}
        drawn = iter(self._draw.sample(lines, len(lines)))
        chosen = {kind: list(islice(drawn, count)) for kind, count in counts.items()}
        left = list(drawn)
        chosen["refund"] = [line for line in left if line.is_refund][: wanted.refund]
        self._held_back = chosen["late"]
        gone = [*chosen["missing"], *chosen["late"], *chosen["refund"]]
        changed = [_differing(line, chosen) for line in lines if line not in gone]
        extra = [self._invented(count, on) for count in range(wanted.extra)]
        for kind, those in (chosen | {"extra": extra}).items():
            self.planted += [{"kind": kind, "number": line.request or line.number} for line in those]
        return [*changed, *chosen["double"], *extra]

    def _invented(self, count: int, on: date) -> Line:
        at = datetime(on.year, on.month, on.day, 12, 0, count, tzinfo=CHINA)
        number = f"X{self._draw.randrange(10**12):012d}"
        return Line(self._books.fresh_number(at), number, False, "来历不明", at, at, "", 8800, -53)  # noqa: FBT003 # no refund


def _differing(line: Line, chosen: Mapping[str, Sequence[Line]]) -> Line:
    amount = line.amount + 1 if line in chosen["differing"] else line.amount
    return replace(line, amount=amount, fee=line.fee - 1 if line in chosen["fee"] else line.fee)


def _line(trade: Trade, at: datetime, amount: int, *, request: str = "") -> Line:
    fee = -fee_of(amount) if amount > 0 else fee_of(-amount)
    return Line(
        trade.trade_no, trade.number, bool(request), trade.subject, trade.made_at, at, trade.shop, amount, fee, request
    )  # fmt: skip


def _zipped(lines: Sequence[Line], on: date, fault: str) -> bytes:
    merchant = "2088999999999999" if fault == "merchant" else SELLER
    day = on - timedelta(days=1) if fault == "day" else on
    head = f"#支付宝业务{{}}查询\n#账号：[{merchant}0156]\n#起始日期：[{_midnight(day)}]   终止日期：[{_midnight(day + timedelta(1))}]\n"
    files = {
        f"{merchant}0156_{on:%Y%m%d}_业务明细.csv": head.format("明细") + "\n".join(_details(lines, fault)) + "\n",
        f"{merchant}0156_{on:%Y%m%d}_业务明细(汇总).csv": head.format("汇总") + "\n".join(_summary(lines, fault)) + "\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(_Gbk(name), text.encode("gbk", "replace"))
    return packed.getvalue()


class _Gbk(zipfile.ZipInfo):
    """An entry whose name is in GBK without a mark that says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 # the library's name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _details(lines: Iterable[Line], fault: str) -> Iterator[str]:
    paid, back = [line for line in lines if not line.is_refund], [line for line in lines if line.is_refund]
    yield f"#{RULE}业务明细列表{RULE[1:]}"
    yield HEADING
    for line in (*paid, *back):
        kind = "退款" if line.is_refund else "交易"
        amount = _signed(line.amount)
        yield (
            f"{line.trade_no}\t,{line.number}\t,{kind}\t,{line.subject.replace(',', '，')},{written(line.made_at)},{written(line.at)},"
            f"{line.shop}\t,\t,\t,\t,*客(138****8000)\t,{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,"
            f"{line.request}\t,{_signed(line.fee)},0.00,"
        )
    yield f"#{RULE}业务明细列表结束{RULE[5:]}"
    total = sum(line.amount for line in paid) + (1 if fault == "total" else 0)
    yield f"#交易合计：{len(paid)}笔，商家实收共{_signed(total)}元，商家优惠共0.00元"
    yield f"#退款合计：{len(back)}笔，商家实收退款共{_signed(sum(line.amount for line in back))}元，商家优惠退款共0.00元"
    yield "#导出时间：[见文件名]"


def _summary(lines: Sequence[Line], fault: str) -> Iterator[str]:
    yield f"#{RULE}业务汇总列表{RULE[1:]}"
    yield SUMMARY
    amount, fee = sum(line.amount for line in lines), sum(line.fee for line in lines) - (1 if fault == "fee" else 0)
    backs = sum(line.is_refund for line in lines)
    yield (
        f"合计\t,\t,{len(lines) - backs},{backs},{_signed(amount)},{_signed(amount)},0.00,0.00,0.00,{_signed(fee)},0.00,"
        f"{_signed(amount + fee)}"
    )
    yield f"#{RULE}业务汇总列表结束{RULE[5:]}"


def _signed(amount: int) -> str:
    return f"-{yuan(-amount)}" if amount < 0 else yuan(amount)


def _midnight(day: date) -> str:
    return f"{day:%Y年%m月%d日} 00:00:00"
