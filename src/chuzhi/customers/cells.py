"""What stands in one cell of somebody's table: amounts, days and numbers as other products write them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts
from chuzhi.customers.errors import BirthdayInvalid

DASHES = frozenset({"-", "--", "—", "——", "/"})
"""What is written where there is nothing."""
_NEVER = frozenset({"无", "长期", "长期有效", "永久", "永久有效", "不限", "never", "none", "unlimited"})
_NOTHING = re.compile(r"0*(\.0*)?")
_CARD = re.compile(r"[0-9A-Za-z-]{4,40}")
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}|[AP]M))?", re.IGNORECASE)
_TURNED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
_WORTH = re.compile(r"([A-Z]{3}|[A-Z]{0,3}[¥$€£])?\s*([\d.,]+)\s*([A-Z]{3}|元|圆)?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,16})(\.0+)?", re.ASCII)
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MOP"})
_SIGNS = {"¥": {"CNY", "JPY"}, "CN¥": {"CNY"}, "元": {"CNY"}, "圆": {"CNY"}, "RMB": {"CNY"}, "$": _DOLLARS, "US$": {"USD"}}
_SIGNS |= {"HK$": {"HKD"}, "S$": {"SGD"}, "NT$": {"TWD"}, "€": {"EUR"}, "£": {"GBP"}}

_METHODS = {
    "现金": "cash",
    "微信": "wechat",
    "微信支付": "wechat",
    "支付宝": "alipay",
    "刷卡": "terminal",
    "银行卡": "terminal",
}
_METHODS |= {"card": "terminal", "wechat pay": "wechat", "转账": "bank", "bank transfer": "bank"}


class DateInvalid(Refused):
    code = "import.date_invalid"
    message = _("“%(given)s” is not a date. Write it like 2026-05-31.")


class CardInvalid(Refused):
    code = "import.card_invalid"
    message = _("A card number has 4 to 40 letters, digits or hyphens.")


class AnotherCurrency(Refused):
    code = "import.another_currency"
    message = _("“%(given)s” is not money in %(currency)s, which these wallets hold.")


def at(row: Sequence[str], places: Mapping[str, int], field: str) -> str:
    """What a row says of a field; nothing where it ends before, or the field has no column."""
    place = places.get(field, len(row))
    return number(row[place]) if place < len(row) else ""


def number(text: str) -> str:
    """Without the apostrophe that keeps a table from making a figure of it."""
    return text.lstrip("'\u2019\t")


def card(text: str) -> str:
    found = unicodedata.normalize("NFKC", number(text)).replace(" ", "")
    if not _CARD.fullmatch(found):
        raise CardInvalid
    return found


def method(text: str) -> str:
    """A way of paying by the product's own name; what is none stays as it is."""
    folded = text.casefold()
    return _METHODS.get(folded, folded)


@lru_cache(maxsize=10_000)
def amount(text: str, currency: str, *, is_minor: bool = False) -> int:
    """Minor units. Unlike elsewhere nothing is a good answer: most rows of an opening balance have no bonus."""
    figure = _figure(text, currency)
    if _NOTHING.fullmatch(figure):
        return 0
    if is_minor and (whole := _WHOLE.fullmatch(figure.replace(",", ""))):
        return money.check(int(whole[1]))
    return money.parse(figure, currency)


def check_currency(text: str, currency: str) -> None:
    given = unicodedata.normalize("NFKC", text).strip().upper()
    if given != currency and currency not in _SIGNS.get(given, ()) and (given, currency) != ("人民币", "CNY"):
        raise AnotherCurrency(given=text[:40], currency=currency)


@lru_cache(maxsize=10_000)
def day(text: str, order: str) -> date | None:
    """None: there is no such day, as is said of what never ends."""
    if text.casefold() in _NEVER:
        return None
    try:
        return contacts.written_date(written_day(text, order))
    except BirthdayInvalid:
        raise DateInvalid(given=text[:40]) from None


def written_day(text: str, order: str) -> str:
    """A day with its year in front and no time of day; what is not understood stays as it is, for whoever reads it to refuse."""
    only = unicodedata.normalize("NFKC", number(text)).strip()
    if clock := _CLOCK.search(only):
        only = only[: clock.start()] if clock.end() == len(only) else only
    turned = _TURNED.fullmatch(only)
    if not turned or not order:
        return only
    first, second, year = turned.groups()
    month, day_of_month = (first, second) if order == "mdy" else (second, first)
    return f"{year}-{month}-{day_of_month}"


def day_order(texts: Iterable[str], usual: str) -> str:
    """How 05/06/2026 is meant in this table: `mdy` or `dmy`, by the days beyond the twelfth; empty, when these disagree."""
    firsts, seconds = 0, 0
    for text in texts:
        if not text[:4].isdigit() and (turned := _TURNED.match(text)):
            firsts, seconds = max(firsts, int(turned[1])), max(seconds, int(turned[2]))
    match firsts > 12, seconds > 12:
        case True, False:
            return "dmy"
        case False, True:
            return "mdy"
        case False, False:
            return usual
    return ""


def _figure(text: str, currency: str) -> str:
    """Only digits and points of `¥1,234.50`, `1234.50元` and `USD 12`. Refuses the sign of another currency."""
    folded = unicodedata.normalize("NFKC", number(text)).strip()
    worth = _WORTH.fullmatch(folded.upper())
    if not worth:
        return folded.strip("¥元 ")
    for sign in (worth[1], worth[3]):
        if sign and sign != currency and currency not in _SIGNS.get(sign, ()):
            raise AnotherCurrency(given=text[:40], currency=currency)
    return worth[2]
