"""How long a screen waits, how often somebody may be wrong, and what a link's code looks like."""

from datetime import timedelta

from chuzhi.core.sentcodes import typed

LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS = 20, 600
PAYING_SECONDS = 300
"""While somebody pays with a phone they do not touch the screen."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no letter that looks like a digit."""
LINK_LETTERS = 10
"""50 bits, typed by hand where the terminal has no other way, and good for an hour."""
LINK_LIFETIME = timedelta(hours=1)

RECEIPT_LIFETIME = timedelta(days=400)

MOST_WRONG_OF_A_CARD, CARD_WITHIN = 5, timedelta(hours=1)
MOST_WRONG_AT_A_KIOSK, KIOSK_WITHIN = 20, timedelta(minutes=10)
MOST_CODES_OF_A_CARD, CODES_WITHIN = 3, timedelta(hours=1)


def link_code(text: str) -> str:
    """What somebody typed as the code of a link; letters that look like digits are those."""
    return typed(text).replace("-", "").translate(str.maketrans("OIL", "011"))
