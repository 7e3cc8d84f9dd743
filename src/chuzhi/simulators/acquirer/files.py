"""The settlement file of a stretch of days, in the layouts that acquirers hand out."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from chuzhi.simulators.acquirer.books import BEIJING, MERCHANT, NAME, Books, Taken

Form = Callable[[list[tuple[date, Taken]]], bytes]


def gb(lines: list[tuple[date, Taken]]) -> bytes:
    """A head of text, numbers kept from Excel, sums below; GB18030."""
    rows: list[Sequence[str]] = [
        ["商户清算明细表"],
        [f"商户号：{MERCHANT}", f"商户名称：{NAME}"],
        ["清算日期", "交易日期", "交易时间", "商户号", "终端号", "交易类型", "卡号", "凭证号", "参考号", "原参考号", "交易金额",
         "手续费", "结算金额"],
    ]  # fmt: skip
    rows += [
        [
            on.strftime("%Y%m%d"), at.strftime("%Y%m%d"), at.strftime("%H:%M:%S"), f"\t{MERCHANT}", each.terminal,
            "消费" if each.amount > 0 else "退货", each.card, f"\t{each.trace}", f"\t{each.reference}", f"\t{each.original}",
            _yuan(each.amount), _yuan(each.fee), _yuan(each.amount - each.fee),
        ]
        for on, each in lines
        for at in [each.at.astimezone(BEIJING)]
    ]  # fmt: skip
    sums = [sum(each.amount for _on, each in lines), sum(each.fee for _on, each in lines)]
    rows.append(["合计", *[""] * 9, _yuan(sums[0]), _yuan(sums[1]), _yuan(sums[0] - sums[1])])
    return _csv(rows).encode("gb18030")


def utf8(lines: list[tuple[date, Taken]]) -> bytes:
    """Plain columns in English without a head; amounts without a sign, the type says which way."""
    rows: list[Sequence[str]] = [
        ["Merchant ID", "Terminal ID", "Trace No", "RRN", "Original RRN", "Transaction Type", "Transaction Time", "Amount",
         "Merchant Fee", "Net Amount", "Currency", "Settlement Date"],
    ]  # fmt: skip
    rows += [
        [
            MERCHANT, each.terminal, each.trace, each.reference, each.original, "SALE" if each.amount > 0 else "REFUND",
            each.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"), _plain(abs(each.amount)), _plain(abs(each.fee)),
            _plain(abs(each.amount - each.fee)), "CNY", on.isoformat(),
        ]
        for on, each in lines
    ]  # fmt: skip
    return b"\xef\xbb\xbf" + _csv(rows).encode()


FORMS: dict[str, Form] = {"gb": gb, "utf8": utf8}


def written(books: Books, form: str, first: date, last: date) -> bytes:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return FORMS[form]([(on, each) for on in days for each in books.settled(on)])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _plain(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
