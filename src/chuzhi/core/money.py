"""Counting money: whole minor units of an ISO 4217 currency, never a float.

Amounts in code are `int`: fen for CNY, yen for JPY (no minor unit), fils for KWD (a thousandth).
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused

LARGEST = 10**15
"""No single operation moves more minor units than this, so that sums of millions of them stay below 2^63."""

_PLAIN = re.compile(r"\d{1,16}(\.\d{1,3})?")


class NotAnAmount(Refused):
    code = "amount.invalid"
    message = _("“%(given)s” is not an amount of money.")


class TooFine(Refused):
    code = "amount.too_fine"
    message = _("%(currency)s has no amounts as small as “%(given)s”.")


class OutOfRange(Refused):
    code = "amount.out_of_range"
    message = _("The amount must be more than zero and not above the largest that one operation may move.")


class UnknownCurrency(Refused):
    code = "currency.unknown"
    message = _("“%(given)s” is not a currency code.")


@cache
def exponent(currency: str) -> int:
    """Digits after the point: 2 for CNY, 0 for JPY, 3 for KWD. Source: CLDR by way of babel."""
    if currency not in get_global("all_currencies"):
        raise UnknownCurrency(given=currency)
    return get_currency_precision(currency)


def parse(given: str, currency: str) -> int:
    """Minor units from what a person typed. Full-width digits and commas are read; signs, exponents and words refused."""
    folded = unicodedata.normalize("NFKC", given).strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", folded):
        folded = folded.replace(",", "")
    if not _PLAIN.fullmatch(folded) or not folded.isascii():
        raise NotAnAmount(given=given[:40])
    whole, _point, fraction = folded.partition(".")
    digits = exponent(currency)
    if len(fraction) > digits:
        raise TooFine(given=given[:40], currency=currency)
    return check(int(whole + fraction.ljust(digits, "0")))


def check(amount: int) -> int:
    """The amount itself, if one operation may move it."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST:
        raise OutOfRange
    return amount


def plain(amount: int, currency: str) -> str:
    """`12345` fen as `123.45`: for forms, files and machines; no grouping, no symbol."""
    digits = exponent(currency)
    sign, figure = ("-", -amount) if amount < 0 else ("", amount)
    whole, fraction = divmod(figure, 10**digits)
    return f"{sign}{whole}.{fraction:0{digits}d}" if digits else f"{sign}{whole}"


def text(amount: int, currency: str) -> str:
    """For people, in their language: `¥123.45`, `-¥1.00`."""
    locale = to_locale(get_language() or "zh-hans")
    return format_currency(Decimal(plain(amount, currency)), currency, locale=locale)
