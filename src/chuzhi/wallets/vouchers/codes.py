"""Card numbers and their codes: made by chance, and remembered only as keyed hashes.

The key is one of the vault's encryption keys, which are never retired: nobody could make these hashes anew.
"""

import secrets
from collections.abc import Iterator

from django.conf import settings

from chuzhi.core import vault
from chuzhi.wallets import rules as card_rules
from chuzhi.wallets.vouchers.models import VoucherBatch
from chuzhi.wallets.vouchers.rules import ALPHABET, PIN_LENGTH, SECRET_LENGTH, Code

RANDOM_DIGITS = 11
KIND = "voucher"


def new_number() -> str:
    """Our prefix, random digits so that nobody can guess a neighbour's, and the check digit."""
    digits = f"{settings.VOUCHER_PREFIX}{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}d}"
    return digits + card_rules.check_digit(digits)


def new_numbers(count: int) -> list[str]:
    """Different from each other; the database has the last word on all others."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[new_number()] = None
    return list(found)


def new_secret(form: str) -> str:
    if form == VoucherBatch.Form.PIN:
        return f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}d}"
    return "".join(secrets.choice(ALPHABET) for _place in range(SECRET_LENGTH))


def code_of(form: str, number: str, secret: str) -> Code:
    """What the holder will type: a long code stands without the number."""
    return Code(number if form == VoucherBatch.Form.PIN else "", secret)


def mark(code: Code, keys: vault.Keys, *, under: int) -> bytes:
    return keys.imprint(code.said, kind=KIND, key=under)


def marks(code: Code) -> Iterator[bytes]:
    """What a card with this code would have been remembered as, under each key there is."""
    keys = vault.latest()
    return (mark(code, keys, under=number) for number in keys.encryption.keys)
