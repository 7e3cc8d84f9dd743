"""One stretch of the account in the forms that banks export."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from chuzhi.simulators.bank.books import BANK, BEIJING, HOLDER, NUMBER, Books, Movement, printed

Form = Callable[[Books, date, date], bytes]


def columns(books: Books, first: date, last: date) -> bytes:
    """As many Chinese banks: a few lines of text, a column for each way, totals below, GB18030."""
    moved, before = books.between(first, last), books.balance_before(first)
    rows: list[Sequence[str]] = [
        [f"{BANK} 账户明细查询"],
        [f"账号：{NUMBER}", f"户名：{HOLDER}", "币种：人民币"],
        [f"起止日期：{first}至{last}"],
        ["交易日期", "交易时间", "借方发生额（支出）", "贷方发生额（收入）", "余额", "对方户名", "对方账号", "摘要", "附言", "交易流水号"],
    ]  # fmt: skip
    rows += [
        [
            each.on.strftime("%Y%m%d"), each.at.astimezone(BEIJING).strftime("%H:%M:%S"),
            _yuan(-each.amount) if each.amount < 0 else "", _yuan(each.amount) if each.amount > 0 else "", _yuan(balance),
            each.name, each.account, "转账", each.text, each.reference,
        ]
        for each, balance in printed(moved, before)
    ]  # fmt: skip
    rows.append(["合计", "", _yuan(-sum(each.amount for each in moved if each.amount < 0)), _yuan(_came(moved))])
    return _csv(rows, ",").encode("gb18030")


def words(books: Books, first: date, last: date) -> bytes:
    """Newest first, one amount and a word for the way, numbers kept from Excel; UTF-8 with a mark."""
    rows: list[Sequence[str]] = [
        ["记账时间", "收支", "交易金额", "账户余额", "对方名称", "对方账户", "用途", "凭证号", "本方账号"]
    ]
    rows += [
        [
            each.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"), "收入" if each.amount > 0 else "支出",
            _plain(abs(each.amount)), _plain(balance), each.name, f"\t{each.account}", each.text, f"\t{each.reference}",
            f"\t{NUMBER}",
        ]
        for each, balance in reversed(list(printed(books.between(first, last), books.balance_before(first))))
    ]  # fmt: skip
    return b"\xef\xbb\xbf" + _csv(rows, ",").encode()


def european(books: Books, first: date, last: date) -> bytes:
    """Signed amounts with a decimal comma, semicolons, days before months."""
    rows: list[Sequence[str]] = [["Account number", NUMBER], ["Currency", "CNY"]]
    rows += [["Booking date", "Amount", "Balance", "Counterparty", "Counterparty account", "Purpose", "Bank reference"]]
    rows += [
        [
            each.on.strftime("%d.%m.%Y"), _comma(each.amount), _comma(balance), each.name, each.account, each.text, each.reference
        ]
        for each, balance in printed(books.between(first, last), books.balance_before(first))
    ]  # fmt: skip
    return _csv(rows, ";").encode()


def camt(books: Books, first: date, last: date) -> bytes:
    """ISO 20022 camt.053.001.08."""
    moved, before = books.between(first, last), books.balance_before(first)
    document = Element("Document", xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08")
    root = SubElement(document, "BkToCstmrStmt")
    _put(SubElement(root, "GrpHdr"), "MsgId", f"{NUMBER[-6:]}{last:%Y%m%d}")
    told = SubElement(root, "Stmt")
    _put(told, "Id", f"{first:%Y%m%d}{last:%Y%m%d}")
    account = SubElement(told, "Acct")
    _put(SubElement(SubElement(account, "Id"), "Othr"), "Id", NUMBER)
    _put(account, "Ccy", "CNY")
    for code, amount, day in (("OPBD", before, first), ("CLBD", before + sum(each.amount for each in moved), last)):
        balance = SubElement(told, "Bal")
        _put(SubElement(SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
        _amount(balance, amount)
        _put(SubElement(balance, "Dt"), "Dt", day.isoformat())
    for each, _balance in printed(moved, before):
        _entry(told, each)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(document, encoding="unicode").encode()


def mt940(books: Books, first: date, last: date) -> bytes:
    """SWIFT MT940: one message, structured details."""
    moved, before = books.between(first, last), books.balance_before(first)
    closing = before + sum(each.amount for each in moved)
    lines = [f":20:{last:%y%m%d}", f":25:{NUMBER}", ":28C:1/1", f":60F:{_mark(before)}{first:%y%m%d}CNY{_swift(before)}"]
    for each, _balance in printed(moved, before):
        lines.append(f":61:{each.on:%y%m%d%m%d}{_mark(each.amount)}{_swift(each.amount)}NTRFNONREF//{each.reference}")
        lines.append(f":86:166?00TRANSFER?20SVWZ+{each.text}?31{each.account}?32{each.name}")
    lines.append(f":62F:{_mark(closing)}{last:%y%m%d}CNY{_swift(closing)}")
    return "\r\n".join(["{1:F01VIRTCNBJAXXX0000000000}{2:I940VIRTCNBJXXXXN}{4:", *lines, "-}"]).encode()


FORMS: dict[str, tuple[Form, str]] = {
    "columns": (columns, "csv"),
    "words": (words, "csv"),
    "european": (european, "csv"),
    "camt.053": (camt, "xml"),
    "mt940": (mt940, "sta"),
}


def _entry(told: Element, each: Movement) -> None:
    entry = SubElement(told, "Ntry")
    _amount(entry, each.amount)
    _put(SubElement(entry, "Sts"), "Cd", "BOOK")
    _put(SubElement(entry, "BookgDt"), "Dt", each.on.isoformat())
    _put(entry, "AcctSvcrRef", each.reference)
    details = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
    _put(SubElement(details, "Refs"), "EndToEndId", "NOTPROVIDED")
    parties, side = SubElement(details, "RltdPties"), "Dbtr" if each.amount > 0 else "Cdtr"
    _put(SubElement(SubElement(parties, side), "Pty"), "Nm", each.name)
    _put(SubElement(SubElement(SubElement(parties, f"{side}Acct"), "Id"), "Othr"), "Id", each.account)
    _put(SubElement(details, "RmtInf"), "Ustrd", each.text)


def _amount(parent: Element, amount: int) -> None:
    size = SubElement(parent, "Amt", Ccy="CNY")
    size.text = _plain(abs(amount))
    _put(parent, "CdtDbtInd", "DBIT" if amount < 0 else "CRDT")


def _put(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _csv(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def _came(moved: Sequence[Movement]) -> int:
    return sum(each.amount for each in moved if each.amount > 0)


def _plain(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _comma(fen: int) -> str:
    return _yuan(fen).translate(str.maketrans(",.", ".,"))


def _swift(fen: int) -> str:
    return _plain(abs(fen)).replace(".", ",")


def _mark(fen: int) -> str:
    return "D" if fen < 0 else "C"
