"""ISO 20022 camt.053, any version. No document type, no entities: a bank needs neither, an attacker does."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from chuzhi.core import money
from chuzhi.payments.statements.errors import NotAStatement
from chuzhi.payments.statements.lines import Statement, StatementLine, line

NAMESPACE = re.compile(rb"camt\.053\.001\.\d\d")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def is_one(content: bytes) -> bool:
    return NAMESPACE.search(content[:4096]) is not None


def read(content: bytes) -> list[Statement]:
    """Every statement of the document: booked entries only, a collective entry by its parts."""
    try:
        document = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise NotAStatement from None
    for each in document.iter():
        each.tag = each.tag.rpartition("}")[2]
    try:
        return [_statement(each) for each in document.iter("Stmt")]
    except (KeyError, ValueError, InvalidOperation, OverflowError):
        raise NotAStatement from None


def _statement(told: Element) -> Statement:
    account = _text(told, "Acct/Id/IBAN") or _text(told, "Acct/Id/Othr/Id")
    balances = {_text(each, "Tp/CdOrPrtry/Cd"): each for each in told.findall("Bal")}
    first = next((balances[code] for code in _OPENING if code in balances), None)
    last = next((balances[code] for code in _CLOSING if code in balances), None)
    lines = tuple(each for entry in told.findall("Ntry") if _is_booked(entry) for each in _lines(entry, account))
    amounts = [*told.findall("Bal/Amt"), *told.findall("Ntry/Amt")]
    currency = _text(told, "Acct/Ccy") or (amounts[0].attrib["Ccy"] if amounts else "")
    opening = None if first is None else _signed(first)
    closing = None if last is None else _signed(last)
    return Statement(
        account=line(account=account, on=date.min, amount=0, currency=currency).account,
        currency=currency,
        lines=lines,
        opening=opening,
        closing=closing,
    )


def _is_booked(entry: Element) -> bool:
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts")) == "BOOK"


def _lines(entry: Element, account: str) -> Iterator[StatementLine]:
    """A collective entry is told by its parts if their sum is its own amount; else as one line."""
    details = entry.findall("NtryDtls/TxDtls")
    whole, currency = _signed(entry), entry.findall("Amt")[0].attrib["Ccy"]
    parts = [_part(each) for each in details]
    if len(details) > 1 and all(part is not None for part in parts):
        way = -1 if whole < 0 else 1
        sizes = [way * part for part in parts if part is not None]
        if sum(sizes) == whole:
            for each, size in zip(details, sizes, strict=True):
                yield _line(entry, each, account, size, currency)
            return
    yield _line(entry, details[0] if len(details) == 1 else None, account, whole, currency)


def _line(entry: Element, told: Element | None, account: str, amount: int, currency: str) -> StatementLine:
    part = told if told is not None else Element("TxDtls")
    other = "Dbtr" if amount > 0 else "Cdtr"
    end_to_end = _text(part, "Refs/EndToEndId")
    words = [
        *(each.text or "" for each in part.findall("RmtInf/Ustrd")),
        *(each.text or "" for each in part.findall("RmtInf/Strd/CdtrRefInf/Ref")),
        "" if end_to_end == "NOTPROVIDED" else end_to_end,
        _text(part, "AddtlTxInf") or _text(entry, "AddtlNtryInf"),
    ]
    return line(
        account=account,
        on=_day(entry),
        amount=amount,
        currency=currency,
        payer=_text(part, f"RltdPties/{other}/Pty/Nm") or _text(part, f"RltdPties/{other}/Nm"),
        payer_account=_text(part, f"RltdPties/{other}Acct/Id/IBAN") or _text(part, f"RltdPties/{other}Acct/Id/Othr/Id"),
        text=" ".join(dict.fromkeys(word.strip() for word in words if word.strip())),
        reference=_text(part, "Refs/AcctSvcrRef") or _text(part, "Refs/TxId") or _text(entry, "AcctSvcrRef"),
    )


def _day(entry: Element) -> date:
    said = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt") or _text(entry, "ValDt/DtTm")
    return date.fromisoformat(said[:10])


def _part(told: Element) -> int | None:
    for place in ("Amt", "AmtDtls/TxAmt/Amt"):
        if (found := told.find(place)) is not None:
            return _minor(found)
    return None


def _signed(told: Element) -> int:
    """An amount with its own word for the way it went, of a balance or an entry."""
    size = _minor(told.findall("Amt")[0]) if told.find("Amt") is not None else 0
    return -size if _text(told, "CdtDbtInd") == "DBIT" else size


def _minor(amount: Element) -> int:
    exact = Decimal((amount.text or "").strip()).scaleb(money.exponent(amount.attrib["Ccy"]))
    if exact != exact.to_integral_value() or not 0 <= exact <= money.LARGEST:
        raise ValueError(amount.text)
    return int(exact)


def _text(told: Element, place: str) -> str:
    return (told.findtext(place) or "").strip()
