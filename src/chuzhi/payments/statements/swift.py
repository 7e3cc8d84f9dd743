"""SWIFT MT940, by a library that knows how banks deviate from it; several statements in a file are read one by one."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from mt940.models import Transaction, Transactions
from mt940.options import Options

from chuzhi.core import money
from chuzhi.payments.statements.errors import NotAStatement
from chuzhi.payments.statements.lines import Statement, StatementLine, line, plain_account

_TAG = re.compile(rb"(?m)^:(20|25|28C?):")
_BEGIN = re.compile(r"(?m)^(?=:20:)")
_OPTIONS = Options.all()
_WORDS = ("purpose", "additional_purpose", "transaction_details", "customer_reference", "end_to_end_reference")
_NOTHING = frozenset({"", "NONREF", "NOTPROVIDED"})


def is_one(content: bytes) -> bool:
    return len({found[1][:2] for found in _TAG.finditer(content[:4096])}) == 3


def read(content: bytes) -> list[Statement]:
    text = _decoded(content)
    found = [_statement(part) for part in _BEGIN.split(text) if part.startswith(":20:")]
    if not found:
        raise NotAStatement
    return found


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030", "latin-1"):
        try:
            return content.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    raise NotAStatement


def _statement(text: str) -> Statement:
    try:
        read = mt940.parse(text, options=_OPTIONS)
        account, currency = plain_account(str(read.data.get("account_identification", ""))), read.currency or ""
        return Statement(
            account=account,
            currency=currency,
            lines=tuple(_lines(read, account, currency)),
            opening=_balance(read.data, "final_opening_balance", "intermediate_opening_balance"),
            closing=_balance(read.data, "final_closing_balance", "intermediate_closing_balance"),
        )
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError):
        # What the library raises for a text that is not what it says depends on where it notices.
        raise NotAStatement from None


def _lines(read: Transactions, account: str, currency: str) -> Iterator[StatementLine]:
    for each in read.transactions:
        if each.data.get("amount") is not None:
            yield _line(each, account, currency)


def _line(told: Transaction, account: str, currency: str) -> StatementLine:
    said: dict[str, Any] = told.data
    on = said.get("entry_date") or said["date"]
    words = [said.get(name) or "" for name in _WORDS]
    details = " ".join(word.replace("\n", " ").strip() for word in words if word not in _NOTHING)
    return line(
        account=account,
        on=date(on.year, on.month, on.day),
        amount=_minor(said["amount"].amount, currency),
        currency=currency,
        payer=said.get("applicant_name") or _subfield(details, "NAME") or "",
        payer_account=said.get("applicant_iban") or said.get("applicant_bin") or _subfield(details, "IBAN") or "",
        text=details,
        reference=said.get("bank_reference") or "",
    )


def _subfield(details: str, word: str) -> str:
    """`/NAME/JANE DOE/REMI/…`: how banks outside Germany structure the details."""
    found = re.search(rf"/{word}/([^/]+)", details)
    return found[1].strip() if found else ""


def _balance(said: dict[str, Any], *names: str) -> int | None:
    balance = next((said[name] for name in names if said.get(name) is not None), None)
    return None if balance is None else _minor(balance.amount.amount, balance.amount.currency)


def _minor(exact: Decimal, currency: str) -> int:
    size = exact.scaleb(money.exponent(currency))
    if size != size.to_integral_value() or abs(size) > money.LARGEST:
        raise ValueError(str(exact))
    return int(size)
