"""The bill of a day: a zip of two files in GBK, the lines and their totals, each checked against the other."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chuzhi.payments.gateways.alipay import yuan
from chuzhi.payments.gateways.contract import Bill, BillLine, LineKind

MOST_BYTES = 256 * 1024 * 1024
SUMMARY = "汇总"
KINDS = {"交易": LineKind.PAYMENT, "退款": LineKind.REFUND}
TOTALS = {
    LineKind.PAYMENT: re.compile(r"^#交易合计：([0-9]+)笔，商家实收共(-?[0-9.]+)元", re.MULTILINE),
    LineKind.REFUND: re.compile(r"^#退款合计：([0-9]+)笔，商家实收退款共(-?[0-9.]+)元", re.MULTILINE),
}
WHOSE = re.compile(r"^#账号：\[(\d{16})0156\]", re.MULTILINE)
FROM = re.compile(r"^#起始日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]", re.MULTILINE)


class BillUnsoundError(Exception):
    """A file that is not whole, is of another day or merchant, or whose lines do not add up to its totals."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the detail file. `received` is what came of the order; `kept` and `shared` are negative where they cost."""

    kind: LineKind
    ours: str
    trade: str
    ordered: int
    received: int
    kept: int
    shared: int
    finished_at: str

    def line(self) -> BillLine:
        return BillLine(
            kind=self.kind,
            number=self.ours,
            provider_id=self.trade,
            amount=self.ordered,
            currency=yuan.CURRENCY,
            fee=self.ordered - self.received - self.kept - self.shared,
            at=yuan.parsed(self.finished_at),
        )


def read(archive: bytes, *, on: date, merchant: str) -> Bill:
    """Amounts are of the orders; a line's fee is whatever of it did not reach the merchant. Raises BillUnsoundError."""
    try:
        details, summary = _files(archive)
        rows = [_row(named) for named in _named(details, "支付宝交易号")]
        _check_head(details, on=on, merchant=merchant)
        _check_totals(details, rows)
        _check_summary(summary, rows)
        return Bill(on, [row.line() for row in rows])
    except (ValueError, KeyError, zipfile.BadZipFile) as fault:
        raise BillUnsoundError(f"The bill of {on} cannot be read: {fault!r}") from fault


def _files(archive: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive), metadata_encoding="gbk") as opened:
        inside = [entry for entry in opened.infolist() if entry.filename.endswith(".csv")]
        if sum(entry.file_size for entry in inside) > MOST_BYTES:
            raise BillUnsoundError("The bill is too long.")
        texts = {SUMMARY in entry.filename: opened.read(entry).decode("gb18030") for entry in inside}
    return texts[False], texts[True]


def _named(text: str, first: str) -> list[dict[str, str]]:
    """The rows below the heading that begins with `first`, up to the next remark."""
    rows = csv.reader(line for line in text.splitlines() if line and not line.startswith("#"))
    heading = [cell.strip() for cell in next(rows)]
    if heading[0] != first:
        raise BillUnsoundError(f"The heading begins with {heading[0]!r}.")
    return [dict(zip(heading, (cell.strip() for cell in row), strict=True)) for row in rows]


def _row(named: Mapping[str, str]) -> Row:
    kind = KINDS.get(named["业务类型"], LineKind.OTHER)
    is_refund = kind is LineKind.REFUND
    return Row(
        kind=kind,
        ours=(named["退款批次号/请求号"] if is_refund else named["商户订单号"]),
        trade=named["支付宝交易号"],
        ordered=yuan.fen(named["订单金额（元）"]),
        received=yuan.fen(named["商家实收（元）"]),
        kept=yuan.fen(named["服务费（元）"]),
        shared=yuan.fen(named["分润（元）"]),
        finished_at=named["完成时间"],
    )


def _check_head(details: str, *, on: date, merchant: str) -> None:
    whose, since = WHOSE.search(details), FROM.search(details)
    if not whose or whose.group(1) != merchant:
        raise BillUnsoundError("The bill is another merchant's.")
    if not since or date(*map(int, since.groups())) != on:
        raise BillUnsoundError("The bill is of another day.")


def _check_totals(details: str, rows: Sequence[Row]) -> None:
    for kind, pattern in TOTALS.items():
        found = pattern.search(details)
        if not found:
            raise BillUnsoundError("The bill ends before its totals.")
        of_kind = [row.received for row in rows if row.kind is kind]
        if (len(of_kind), sum(of_kind)) != (int(found.group(1)), yuan.fen(found.group(2))):
            raise BillUnsoundError(f"The lines of {kind} do not add up to the total.")


def _check_summary(summary: str, rows: Iterable[Row]) -> None:
    """The second file has a row a shop, and one of all."""
    whole = next((named for named in _named(summary, "门店编号") if named["门店编号"] == "合计"), None)
    if whole is None:
        raise BillUnsoundError("The totals have no row of all.")
    counted = {"订单金额（元）": 0, "商家实收（元）": 0, "服务费（元）": 0, "分润（元）": 0, "实收净额（元）": 0}
    for row in rows:
        counted["订单金额（元）"] += row.ordered
        counted["商家实收（元）"] += row.received
        counted["服务费（元）"] += row.kept
        counted["分润（元）"] += row.shared
        counted["实收净额（元）"] += row.received + row.kept + row.shared
    wrong = [name for name, total in counted.items() if yuan.fen(whole[name]) != total]
    if wrong:
        raise BillUnsoundError(f"The lines do not add up to {', '.join(wrong)}.")
