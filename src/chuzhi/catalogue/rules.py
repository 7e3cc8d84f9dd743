"""What a quantity comes to. Quantities are whole thousandths of a unit, so that a weight is exact."""

import re
import unicodedata

THOUSAND = 1000
MOST_QUANTITY = 100_000 * THOUSAND
_QUANTITY = re.compile(r"(\d{1,6})(?:\.(\d{1,3}))?")


def worth(price: int, quantity: int) -> int:
    """`quantity` thousandths at `price` minor units each, half a unit rounded up: what scales and tills do."""
    return (price * quantity + THOUSAND // 2) // THOUSAND


def quantity_of(typed: str) -> int | None:
    """Thousandths from what a person typed (`2`, `0.35`, `０.５`); None if it is no quantity."""
    found = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if not found or not found[0].isascii():
        return None
    quantity = int(found[1]) * THOUSAND + int((found[2] or "").ljust(3, "0"))
    return quantity if 0 < quantity <= MOST_QUANTITY else None


def quantity_text(quantity: int) -> str:
    """As people write it: `2`, `0.35`."""
    whole, part = divmod(quantity, THOUSAND)
    return f"{whole}.{part:03}".rstrip("0") if part else str(whole)
