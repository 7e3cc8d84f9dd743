"""The word that a payer writes into a bank transfer: short, without look-alikes, and wrong if one character is.

Made from the payment's number alone. Nine characters of 31, the last a weighted sum of the others: 31 is prime, so one
wrong character or two neighbours in each other's place never give another valid reference.
"""

import hashlib
import unicodedata
from collections.abc import Iterable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""
LENGTH = 9
_PLACES = {sign: place for place, sign in enumerate(ALPHABET)}


def of(number: str) -> str:
    """The reference of a payment, as it is shown: `7K3-M9P-QRX`."""
    rest = int.from_bytes(hashlib.sha256(f"chuzhi.bank.reference:{number}".encode()).digest()[:16])
    body = ""
    for _place in range(LENGTH - 1):
        rest, place = divmod(rest, len(ALPHABET))
        body += ALPHABET[place]
    plain = body + _check(body)
    return "-".join(plain[start : start + 3] for start in range(0, LENGTH, 3))


def plain(text: str) -> str:
    """A text of the payer or the bank without spaces, hyphens, width and capitals, which references survive."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isascii() and each.isalnum())


def is_valid(text: str) -> bool:
    given = plain(text)
    return len(given) == LENGTH and set(given) <= set(ALPHABET) and _check(given[:-1]) == given[-1]


def windows(text: str) -> set[str]:
    """Every stretch of a text that is as long as a reference."""
    given = plain(text)
    return {given[start : start + LENGTH] for start in range(len(given) - LENGTH + 1)}


def within(text: str) -> set[str]:
    """Everything in a text that could be a reference, plain."""
    return {window for window in windows(text) if is_valid(window)}


def nearly(text: str, known: Iterable[str]) -> set[str]:
    """Those of the known plain references that stand in the text with one wrong character, or two neighbours changed over."""
    said = {shape for window in windows(text) for shape in shapes(window)}
    return {each for each in known if not said.isdisjoint(shapes(each))}


def shapes(reference: str) -> list[str]:
    """The reference with one place left open, or two neighbours in no order: what it shares with those that are nearly it."""
    open_places = [f"{reference[:place]}_{reference[place + 1 :]}" for place in range(LENGTH)]
    pairs = ["".join(sorted(reference[place : place + 2])) for place in range(LENGTH - 1)]
    return open_places + [f"{reference[:place]}~{pair}{reference[place + 2 :]}" for place, pair in enumerate(pairs)]


def _check(body: str) -> str:
    total = sum((weight + 2) * _PLACES[sign] for weight, sign in enumerate(body))
    return ALPHABET[-total % len(ALPHABET)]
