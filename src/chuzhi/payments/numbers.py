"""Our names for payments, refunds and agreements at providers: unique, not to be guessed, and the same however often we ask."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else
LENGTH = 22


def fresh(prefix: str) -> str:
    """`P` and 22 more: 110 random bits, within what every provider takes."""
    return prefix + "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
