"""Who is told when a payment is paid or over: whoever it was for. `config/wiring.py` says who that is, once, at the start.

A reaction runs in the transaction that makes the fact: it is done with it, or neither is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chuzhi.payments.models import Agreement, Dispute, Payment, Refund


def _ignored(_fact: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """What one purpose does about its payments. Who can do with several that are paid in one transaction says `paid_together`."""

    paid: Callable[[Payment], None] = _ignored
    paid_together: Callable[[Sequence[Payment]], None] | None = None
    over: Callable[[Payment], None] = _ignored  # failed or closed
    refunded: Callable[[Refund], None] = _ignored  # done or failed
    agreed: Callable[[Agreement], None] = _ignored  # signed or ended
    disputed: Callable[[Dispute], None] = _ignored  # opened or ended


_BY_PURPOSE: dict[str, Reactions] = {}


def connect(purpose: str, reactions: Reactions) -> None:
    _BY_PURPOSE[purpose] = reactions


def of(purpose: str) -> Reactions:
    """Raises LookupError for a purpose that nobody has wired: a payment for nobody is a bug, and its notice comes again."""
    return _BY_PURPOSE[purpose]
