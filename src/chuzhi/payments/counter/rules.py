"""Counting a drawer, and what may be kept of a card. Values in, an answer out."""

import re
import unicodedata
from collections.abc import Mapping

DENOMINATIONS: Mapping[str, tuple[int, ...]] = {
    "CNY": (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10),
    "HKD": (1000_00, 500_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10),
    "USD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 25, 10, 5, 1),
    "EUR": (200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
    "GBP": (50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
    "JPY": (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1),
}
"""Notes and coins in minor units, the largest first."""
MOST_PIECES = 100_000
PAY_CODES = {"wechat": re.compile(r"1[0-5]\d{16}", re.ASCII), "alipay": re.compile(r"(2[5-9]|30)\d{14,22}", re.ASCII)}
"""What a code on a payer's phone looks like at each provider: it names nobody, and is good for about a minute."""
_DIGITS = re.compile(r"\d(?:[ -]?\d){12,18}")


def denominations(currency: str) -> tuple[int, ...]:
    """Of a currency that is not listed: 1, 2 and 5 of each power of ten."""
    return DENOMINATIONS.get(currency) or tuple(step * 10**power for power in range(5, -1, -1) for step in (5, 2, 1))


def counted(pieces: Mapping[int, int], currency: str) -> int | None:
    """What so many notes and coins come to; None for a denomination that there is not, or no number of pieces."""
    known = set(denominations(currency))
    if not pieces.keys() <= known or not all(0 <= number <= MOST_PIECES for number in pieces.values()):
        return None
    return sum(value * number for value, number in pieces.items())


def provider_of(code: str) -> str | None:
    """Whose code a payer shows, by its first digits; None for what is no such code."""
    return next((name for name, looks in PAY_CODES.items() if looks.fullmatch(code)), None)


def is_card_number(text: str) -> bool:
    """Whether a payment card's whole number stands in the text: 13 to 19 digits whose check digit is right.

    Not fewer: a terminal's reference number has 12, and the check digit of one in ten is right by chance.
    """
    return any(_passes_luhn(re.sub(r"\D", "", found)) for found in _DIGITS.findall(unicodedata.normalize("NFKC", text)))


def _passes_luhn(digits: str) -> bool:
    doubled = [int(sign) * (2 if place % 2 else 1) for place, sign in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0
