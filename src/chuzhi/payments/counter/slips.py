"""What a card terminal prints, recorded with the top-up that it paid: enough to find it again, never a card number."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries
from chuzhi.payments.counter import models, rules
from chuzhi.payments.counter.errors import CardNumberGiven, SlipMissing, SlipUnusable, SlipUsed

ABANDONED_AFTER = timedelta(minutes=10)
"""A slip that was claimed and of which the books know nothing by then: whoever claimed it never got to the ledger."""
NO_BOOK = -1
"""Of a sale that no wallet pays: it stands in no book of the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    terminal: str
    number: str
    scheme: str = ""
    last_four: str = ""

    @property
    def text(self) -> str:
        """As it stands on the receipt: `T-01 000123`."""
        return f"{self.terminal} {self.number}"


def checked(slip: Slip | None) -> Slip:
    """The slip as it is kept. Raises SlipMissing, CardNumberGiven, SlipUnusable."""
    if slip is None or not slip.terminal.strip() or not slip.number.strip():
        raise SlipMissing
    values = [each.strip() for each in (slip.terminal, slip.number, slip.scheme, slip.last_four)]
    if any(rules.is_card_number(each) for each in values):
        raise CardNumberGiven
    terminal, number, scheme, last_four = values
    names = re.compile(r"[0-9A-Za-z-]{1,40}")
    if not (names.fullmatch(terminal) and names.fullmatch(number) and re.fullmatch(r"(\d{4})?", last_four, re.ASCII)):
        raise SlipUnusable
    return Slip(terminal=terminal, number=number, scheme=scheme[:20], last_four=last_four)


@contextmanager
def claimed(slip: Slip, *, amount: int, book: int, key_hash: str, by: Actor) -> Iterator[None]:
    """Book inside. The slip is claimed before, under the key of the booking, and let go if the booking is refused."""
    kept, is_new = _claim(slip, amount=amount, book=book, key_hash=key_hash, by=by)
    try:
        yield
    except Refused:
        if is_new or not _is_booked(book, key_hash):
            kept.delete()
        raise


@transaction.atomic
def _claim(slip: Slip, *, amount: int, book: int, key_hash: str, by: Actor) -> tuple[models.Slip, bool]:
    """The slip, and whether it was free. Raises SlipUsed if another booking has it.

    A claim that never came to be booked is taken over after a while.
    """
    facts = {
        "scheme": slip.scheme, "last_four": slip.last_four, "amount": amount, "book": book, "key_hash": key_hash,
        "claimed_by": by.label, "claimed_at": timezone.now(),
    }  # fmt: skip
    place = {"terminal": slip.terminal, "number": slip.number, "on": timezone.localdate()}
    kept, is_new = models.Slip.objects.select_for_update().get_or_create(**place, defaults=facts)
    if is_new or (kept.book, kept.key_hash.hex) == (book, key_hash):
        return kept, is_new
    if _is_booked(kept.book, kept.key_hash.hex) or kept.claimed_at > timezone.now() - ABANDONED_AFTER:
        raise SlipUsed(number=slip.number, terminal=slip.terminal)
    models.Slip.objects.filter(pk=kept.pk).update(**facts)
    return kept, True


def key_of_sale(number: int) -> str:
    """In place of the hash of a key, for a sale that no wallet pays."""
    return f"{number:032x}"


def _is_booked(book: int, key_hash: str) -> bool:
    if book == NO_BOOK:
        return models.Tender.objects.filter(book=book, seq=int(key_hash, 16)).exists()
    found = queries.by_key(book, key_hash)
    return found is not None and found.outcome.refusal is None
