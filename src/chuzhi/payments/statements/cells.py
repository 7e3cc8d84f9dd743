"""Dates and amounts as banks of several countries write them into a table."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from chuzhi.core import money

CURRENCIES = {
    "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "欧元": "EUR", "日元": "JPY",
    "英镑": "GBP", "新加坡元": "SGD", "澳大利亚元": "AUD", "加拿大元": "CAD",
}  # fmt: skip
INCOMING = frozenset("贷 贷方 收 收入 转入 存入 来账 进账 c cr crdt credit in".split())
OUTGOING = frozenset("借 借方 支 支出 转出 支取 往账 出账 付 d dr dbit debit out".split())

_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\D|$|\d{6}$)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_DECORATION = re.compile(r"[\s'¥￥$€£]|CNY|RMB|USD|EUR|元")


def folded(cell: str) -> str:
    """Full width folded, and without the `="…"` and quotes that keep Excel from reading numbers."""
    return unicodedata.normalize("NFKC", cell).strip().removeprefix("=").strip("'\"` ").strip()


def is_day_first(cells: Iterable[str]) -> bool | None:
    """Whether dates with the year last begin with the day, as far as the dates themselves tell; None: they do not."""
    for cell in cells:
        if found := _YEAR_LAST.match(folded(cell)):
            first, sign, second = int(found[1]), found[2], int(found[3])
            if sign == "." or first > 12 >= second:
                return True
            if second > 12 >= first:
                return False
    return None


def day(cell: str, *, day_first: bool | None) -> date | None:
    """The day of a date or moment; None if it is none, or if nobody can know which part is the month."""
    text = folded(cell)
    if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        year, month, number = int(found[1]), int(found[2]), int(found[3])
    elif (found := _YEAR_LAST.match(text)) and day_first is not None:
        parts = (int(found[1]), int(found[3]))
        number, month = parts if day_first else parts[::-1]
        year = int(found[4])
    else:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def is_year_last(cell: str) -> bool:
    return _YEAR_LAST.match(folded(cell)) is not None


def amount(cell: str, currency: str) -> int | None:
    """Signed minor units; 0 for an empty cell or a dash; None for what is no amount of this currency."""
    text = _DECORATION.sub("", folded(cell).upper()).replace("−", "-")
    if not text.strip("-"):
        return 0
    sign = -1 if text.startswith(("-", "(")) or text.endswith("-") else 1
    digits = _with_point(text.strip("+-()"))
    if digits is None:
        return None
    whole, _point, fraction = digits.partition(".")
    exponent = money.exponent(currency)
    if fraction[exponent:].strip("0"):
        return None
    size = int(whole + fraction[:exponent].ljust(exponent, "0"))
    return sign * size if size <= money.LARGEST else None


def currency(cell: str) -> str:
    """An ISO code from a code or a Chinese name; empty if it is neither."""
    text = folded(cell).casefold()
    known = CURRENCIES.get(text, text.upper())
    return known if re.fullmatch(r"[A-Z]{3}", known) else ""


def is_incoming(cell: str) -> bool | None:
    text = folded(cell).casefold()
    return True if text in INCOMING else False if text in OUTGOING else None


def _with_point(text: str) -> str | None:
    """`1,234.56`, `1.234,56` and `1234,5` as `1234.56` and `1234.5`: of two marks the last is the decimal one."""
    if "," in text and "." in text:
        thousands, point = (",", ".") if text.rindex(".") > text.rindex(",") else (".", ",")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        thousands, point = ",", "."
    elif "," in text:
        thousands, point = ".", ","
    else:
        thousands, point = ",", "."
    plain = text.replace(thousands, "").replace(point, ".")
    return plain if re.fullmatch(r"\d{1,16}(\.\d+)?", plain) and plain.isascii() else None
