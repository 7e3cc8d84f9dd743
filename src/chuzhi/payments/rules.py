"""What a provider's word changes, decided from values alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from chuzhi.payments.gateways.contract import State, Told

ASK_AFTER_SECONDS = (3, 7, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""When the provider is asked about what nobody has told us, counted from the last time it was."""
DAY_SECONDS = 86_400


class Change(Enum):
    """What becomes of a payment."""

    NOTHING = auto()
    PAID = auto()
    PAID_LATE = auto()  # after we had given it up: the money is here all the same
    ASK = auto()  # a message says that what we had given up was paid: it may have been undone since
    FAILED = auto()
    CLOSED = auto()
    MISMATCH = auto()  # paid, but not what was asked, or not to us
    TWICE = auto()  # paid already, by another transaction of the provider
    SURPLUS = auto()  # paid already, and more has come since


@dataclass(frozen=True, slots=True)
class Known:
    """Our side: what was asked, how far it is, and to whom it was to be paid (empty: the provider does not say)."""

    stage: str
    amount: int
    currency: str
    merchant: str
    provider_id: str
    surplus: int = 0


def change(known: Known, told: Told, *, is_message: bool = False) -> Change:
    """A payment that is paid stays paid; one that was given up can still be paid; nothing else comes back to life.

    `is_message`: the provider's word of some moment before, and not its answer to a question of ours.
    """
    if told.state is State.PAID:
        paid = _paid(known, told)
        return Change.ASK if is_message and paid is Change.PAID_LATE else paid
    if known.stage not in {"intended", "sent"}:
        return Change.NOTHING
    return {State.FAILED: Change.FAILED, State.CLOSED: Change.CLOSED}.get(told.state, Change.NOTHING)


def _paid(known: Known, told: Told) -> Change:
    is_to_us = not known.merchant or not told.merchant or told.merchant == known.merchant
    if (told.amount, told.currency) != (known.amount, known.currency) or not is_to_us:
        return Change.MISMATCH
    if known.stage == "paid":
        is_other = known.provider_id and told.provider_id and told.provider_id != known.provider_id
        if is_other:
            return Change.TWICE
        return Change.SURPLUS if told.surplus > known.surplus else Change.NOTHING
    return Change.PAID_LATE if known.stage in {"failed", "closed"} else Change.PAID


def takes_days(seconds: int) -> bool:
    """A way to pay whose money is on its way for days, from hand to hand, and not for the minutes of a screen."""
    return seconds >= DAY_SECONDS


def expected_by(sent_at: datetime, seconds: int, zone: ZoneInfo, works_on: Callable[[date], bool]) -> datetime:
    """When a payment that was begun then should be here. From a day on, only working days count, and each to its end."""
    if not takes_days(seconds):
        return sent_at + timedelta(seconds=seconds)
    day, left = sent_at.astimezone(zone).date(), -(-seconds // DAY_SECONDS)
    while left:
        day += timedelta(days=1)
        left -= works_on(day)
    return datetime.combine(day + timedelta(days=1), time.min, zone)


def pause(asked_times: int) -> int:
    """Seconds until the provider is asked again."""
    return ASK_AFTER_SECONDS[min(asked_times, len(ASK_AFTER_SECONDS) - 1)]
