"""The chart of accounts: what sides a posting can have, as small numbers that never change meaning."""

from enum import IntEnum


class Kind(IntEnum):
    """What an operation did. Numbers are part of the hash chain: add, never renumber."""

    TOP_UP = 1
    CHARGE = 2
    HOLD = 3
    CAPTURE = 4
    RELEASE = 5
    REFUND = 6
    TOP_UP_REFUND = 7
    TRANSFER_OUT = 8
    TRANSFER_IN = 9
    STANDING = 10
    ADJUSTMENT = 11
    DISPUTE = 12
    DISPUTE_END = 13
    EXPIRY = 14
    HOLD_EXPIRY = 15
    TAKE_BACK = 16


class Bucket(IntEnum):
    """Paid for, given free, or owed by the customer."""

    PRINCIPAL = 1
    BONUS = 2
    DEBT = 3


class Standing(IntEnum):
    OPEN = 0
    FROZEN = 1
    CLOSED = 2


class System(IntEnum):
    """Classes of the company's own accounts; each account is a class and a party (a store, a payment method, or 0)."""

    CLEARING = 1
    SALES = 2
    BONUS_COST = 3
    BREAKAGE = 4
    FEES = 5
    TRANSIT = 6
    OPENING = 7
    ADJUSTMENT = 8
    REFUND_PENDING = 9


class Method(IntEnum):
    """Payment methods, the parties of clearing accounts."""

    CASH = 1
    TERMINAL = 2
    BANK = 3
    WECHAT = 4
    ALIPAY = 5
    STRIPE = 6
    PARTNER = 20
    CRYPTO = 7


PARTIES = 10**9


def account(system: System, party: int = 0) -> int:
    """`2_000_000_012` is sales of store 12: readable, and needing no table."""
    return int(system) * PARTIES + party


def system_of(number: int) -> System:
    return System(number // PARTIES)


def system_total(number: int) -> int:
    """The account whose running total this one counts in: a class has one in each book, so a busy day writes few rows."""
    return number - number % PARTIES


def party_of(number: int) -> int:
    return number % PARTIES


BONUS_COST = account(System.BONUS_COST)
BREAKAGE = account(System.BREAKAGE)
TRANSIT = account(System.TRANSIT)
OPENING = account(System.OPENING)
ADJUSTMENT = account(System.ADJUSTMENT)


def pot(asset: int, bucket: int) -> int:
    """One asset in one bucket, as one number: what balances are kept by."""
    return asset * 10 + bucket
