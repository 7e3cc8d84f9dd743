"""Which line of the bank's statement brought which payouts of a provider. Values in, pairs out.

A provider pays out by its own word, or each day what is left of a day's bill; then one line may bring several days in a row.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NAMES = {
    "wechat": ("财付通", "微信支付", "TENPAY", "WECHAT"),
    "alipay": ("支付宝", "ALIPAY"),
    "stripe": ("STRIPE",),
    "terminal": ("银联", "收单", "UNIONPAY", "CHINAUMS", "ACQUIR"),
}
"""How a bank's statement names the providers that pay out to it."""
ARRIVES_WITHIN = timedelta(days=10)
MOST_TOGETHER = 12
"""Days that one line brings at most: a long holiday."""


@dataclass(frozen=True, slots=True)
class Due:
    """A payout that is expected from a day on; minor units. A day on which more went back than came is below zero."""

    number: str
    amount: int
    on: date


@dataclass(frozen=True, slots=True)
class Came:
    """A line of the bank that names the provider. `text` is all it says."""

    line: int
    amount: int
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    numbers: Sequence[str]
    line: int


def names(gateway: str, text: str) -> bool:
    said = unicodedata.normalize("NFKC", text).upper()
    return any(name in said for name in NAMES.get(gateway, ()))


def paired(due: Sequence[Due], came: Sequence[Came]) -> list[Pair]:
    """By its number, by its amount, or as the sum of payouts in a row. Both are given oldest first; each is taken once."""
    left = list(due)
    pairs: list[Pair] = []
    for by in (_named, _of_the_amount, _together):
        for line in came:
            if any(pair.line == line.line for pair in pairs):
                continue
            if found := by(line, [each for each in left if each.on <= line.on <= each.on + ARRIVES_WITHIN]):
                pairs.append(Pair([each.number for each in found], line.line))
                left = [each for each in left if each not in found]
    return pairs


def _named(line: Came, due: Sequence[Due]) -> Sequence[Due]:
    """Whatever the amount: one that differs is a difference of this payout."""
    return [each for each in due if len(each.number) > len("2026-03-01") and each.number in line.text][:1]


def _of_the_amount(line: Came, due: Sequence[Due]) -> Sequence[Due]:
    return [each for each in due if each.amount == line.amount][:1]


def _together(line: Came, due: Sequence[Due]) -> Sequence[Due]:
    for first in range(len(due)):
        total = 0
        for last in range(first, min(len(due), first + MOST_TOGETHER)):
            total += due[last].amount
            if total == line.amount:
                return due[first : last + 1]
    return ()
