"""Settlement files of acquirers of card terminals: CSV or XLSX in many layouts, known by their headings as statements are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.customers import sheets
from chuzhi.customers.headings import fold
from chuzhi.payments.statements import cells
from chuzhi.payments.statements.errors import CellUnreadable, DateAmbiguous, NetDiffers, NoSettlementColumns, OtherMerchant

WORDS = {
    "merchant": "商户号 商户编号 商户代码 受理商户号 merchantno merchantid merchantnumber mid",
    "terminal": "终端号 终端编号 终端代码 终端 terminalno terminalid terminalnumber terminal tid",
    "trace": "凭证号 终端流水号 系统跟踪号 跟踪号 流水号 交易流水号 traceno tracenumber trace stan slipno slipnumber",
    "reference": "参考号 检索参考号 系统参考号 交易参考号 referenceno referencenumber rrn retrievalreference reference",
    "original": "原参考号 原检索参考号 原交易参考号 原凭证号 原流水号 原交易流水号 originalreference originaltrace originalrrn",
    "kind": "交易类型 交易名称 业务类型 类型 transactiontype type",
    "amount": "交易金额 消费金额 金额 transactionamount amount grossamount",
    "fee": "手续费 商户手续费 交易手续费 fee merchantfee commission",
    "net": "结算金额 清算金额 入账金额 净额 settlementamount netamount net",
    "settled_on": "清算日期 结算日期 入账日期 settlementdate settledon clearingdate",
    "done_on": "交易日期 交易时间 交易日期时间 transactiondate transactiontime date",
    "currency": "币种 交易币种 currency ccy",
}
"""Field -> the headings, folded, that mean it; of two that are there the first in this order is taken."""

NEEDED = frozenset({"terminal", "amount", "settled_on"})
BACK = ("退货", "退款", "撤销", "冲正", "refund", "return", "void", "reversal")
TOTALS = ("合计", "总计", "小计", "total")
HEADINGS_WITHIN = 40

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One payment by card, or its return, as the acquirer settled it. Minor units; money that came to us is positive.

    `trace` and `reference` are what the slip shows; of a return, `original` names the payment, as either of the two.
    """

    terminal: str
    trace: str
    reference: str
    original: str
    is_back: bool
    amount: int
    fee: int
    settled_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True)
class _Table:
    places: Mapping[str, int]
    rows: Sequence[Row]
    day_first: Mapping[str, bool | None]

    def cell(self, row: Row, field: str) -> str:
        place = self.places.get(field)
        return cells.folded(row[1][place]) if place is not None and place < len(row[1]) else ""


def read(content: bytes, *, merchant: str, currency: str) -> list[Settled]:
    """Every line of this merchant. Refuses a file that is none, is another merchant's, or whose lines do not come to their net."""
    table = _table(content)
    filled = [row for row in table.rows if not _is_total(row, table)]
    others = {number for row in filled if (number := table.cell(row, "merchant")) and number != merchant}
    ours = [row for row in filled if table.cell(row, "merchant") in {"", merchant}]
    if others and not ours:
        raise OtherMerchant(merchants=", ".join(sorted(others)[:3]))
    return [_settled(row, table, currency) for row in ours if cells.currency(table.cell(row, "currency")) in {"", currency}]


def _table(content: bytes) -> _Table:
    for delimiter in (None, ",", "\t", ";", "|"):
        sheet = sheets.read(content, delimiter=delimiter, titles=True)
        lines = [(1, sheet.headings), *sheet.rows]
        for number, (_line, words) in enumerate(lines[:HEADINGS_WITHIN]):
            places = _places(words)
            if places.keys() >= NEEDED and places.keys() & {"trace", "reference"}:
                rows = lines[number + 1 :]
                return _Table(places, rows, {field: _is_day_first(rows, place) for field, place in places.items()})
        if sheet.encoding == "xlsx":
            break
    raise NoSettlementColumns


def _is_day_first(rows: Sequence[Row], place: int) -> bool | None:
    return cells.is_day_first(row[1][place] for row in rows if place < len(row[1]))


def _places(words: Sequence[str]) -> dict[str, int]:
    folded = [fold(word) for word in words]
    found = {field: next((name for name in names.split() if name in folded), "") for field, names in WORDS.items()}
    return {field: folded.index(name) for field, name in found.items() if name}


def _is_total(row: Row, table: _Table) -> bool:
    """A line of sums or remarks under the rows: it names no terminal."""
    said = "".join(row[1]).casefold()
    return not table.cell(row, "terminal") or any(word in said for word in TOTALS)


def _settled(row: Row, table: _Table, currency: str) -> Settled:
    amount, fee = _amount(row, table, "amount", currency), abs(_amount(row, table, "fee", currency))
    kind = table.cell(row, "kind").casefold()
    is_back = amount < 0 or any(word in kind for word in BACK)
    signed, kept = (-abs(amount), -fee) if is_back else (amount, fee)
    if table.cell(row, "net") and (net := abs(_amount(row, table, "net", currency))) != abs(signed - kept):
        off = money.plain(net - abs(signed - kept), currency)
        raise NetDiffers(line=row[0], difference=off, currency=currency)
    return Settled(
        terminal=table.cell(row, "terminal")[:40], trace=table.cell(row, "trace")[:40], reference=table.cell(row, "reference")[:40],
        original=table.cell(row, "original")[:40], is_back=is_back, amount=signed, fee=kept,
        settled_on=_day(row, table, "settled_on"), done_on=_day(row, table, "done_on") if table.cell(row, "done_on") else None,
    )  # fmt: skip


def _amount(row: Row, table: _Table, field: str, currency: str) -> int:
    size = cells.amount(table.cell(row, field), currency)
    if size is None:
        raise CellUnreadable(line=row[0], given=table.cell(row, field)[:40], what=_("an amount"))
    return size


def _day(row: Row, table: _Table, field: str) -> date:
    given, day_first = table.cell(row, field), table.day_first.get(field)
    found = cells.day(given, day_first=day_first)
    if found is None and day_first is None and cells.is_year_last(given):
        raise DateAmbiguous(line=row[0], given=given[:40])
    if found is None:
        raise CellUnreadable(line=row[0], given=given[:40], what=_("a date"))
    return found
