"""When a mandate may be used, and for how much. Never twice at a time, never above what was agreed, never unannounced."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from chuzhi.core import months

PROVIDER_WINDOW_DAYS = 6
"""How long after its day a charge that was announced through a provider may still be made there."""
BACK_OFF_DAYS = (1, 3, 7)
"""After a decline that may pass: then the mandate rests until somebody looks at it."""


class Act(Enum):
    WAIT = auto()
    ANNOUNCE = auto()
    CHARGE = auto()
    SKIP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A mandate as it stands. Amounts in minor units; `today` in the shop's time zone; `charged` in this calendar month."""

    today: date
    now: datetime
    is_monthly: bool
    amount: int
    refills: bool
    day: int | None
    floor: int | None
    most_a_month: int
    available: int
    charged: int
    is_in_flight: bool
    not_before: datetime | None
    notice_days: int
    announced_for: date | None
    announced_on: date | None
    charged_on: date | None  # the last day that is done with: charged for, or passed over for a reason
    provider_days: int = 0  # how long before a charge the provider itself wants it announced
    told_there_on: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. `on` is the day of the charge it is about; `reason` why nothing is charged."""

    act: Act
    amount: int = 0
    on: date | None = None
    reason: str = ""


def next_due(day: int, since: date) -> date:
    """The first due day on or after `since`."""
    this_month = months.on(day, since)
    return this_month if this_month >= since else months.on(day, since.replace(day=1) + timedelta(days=32))


def decide(mandate: Standing) -> Decision:
    if mandate.is_in_flight:
        return Decision(Act.WAIT, reason="in_flight")
    if mandate.not_before is not None and mandate.now < mandate.not_before:
        return Decision(Act.WAIT, reason="back_off")
    if _is_for_the_provider_to_tell(mandate):
        return Decision(Act.WAIT, on=mandate.announced_for, reason="provider")
    return _monthly(mandate) if mandate.is_monthly else _low(mandate)


def charge_day(announced_for: date, announced_on: date, notice_days: int) -> date:
    """The day that is said in the announcement: the due day, or later where it was announced too late for that."""
    return max(announced_for, announced_on + timedelta(days=notice_days))


def _is_for_the_provider_to_tell(mandate: Standing) -> bool:
    """Announced by us, and not yet long enough by a provider that insists on it."""
    if not mandate.provider_days or mandate.announced_for in {None, mandate.charged_on}:
        return False
    told = mandate.told_there_on
    return told is None or mandate.today < told + timedelta(days=mandate.provider_days)


def _monthly(mandate: Standing) -> Decision:
    assert mandate.day is not None  # noqa: S101 # a monthly mandate has a day
    due = next_due(mandate.day, mandate.charged_on + timedelta(days=1) if mandate.charged_on else _grace(mandate))
    if mandate.announced_for != due or mandate.announced_on is None:
        if mandate.today < due - timedelta(days=mandate.notice_days):
            return Decision(Act.WAIT, on=due)
        return Decision(Act.ANNOUNCE, _wanted(mandate), due)
    if mandate.today < charge_day(due, mandate.announced_on, mandate.notice_days):
        return Decision(Act.WAIT, on=due)
    return _within_cap(mandate, due)


def _grace(mandate: Standing) -> date:
    """A charge that was announced stays due when its day has passed, as after a night without power."""
    return min(mandate.announced_for, mandate.today) if mandate.announced_for else mandate.today


def _low(mandate: Standing) -> Decision:
    assert mandate.floor is not None  # noqa: S101 # it has a floor
    if mandate.available >= mandate.floor:
        return Decision(Act.WAIT, reason="enough")
    if not mandate.provider_days:
        return _within_cap(mandate, mandate.today)
    planned = mandate.announced_for
    if planned is None or planned == mandate.charged_on or mandate.today > planned + timedelta(days=PROVIDER_WINDOW_DAYS):
        return Decision(Act.ANNOUNCE, _wanted(mandate), mandate.today + timedelta(days=mandate.provider_days))
    return _within_cap(mandate, planned) if mandate.today >= planned else Decision(Act.WAIT, on=planned)


def _within_cap(mandate: Standing, on: date) -> Decision:
    wanted = _wanted(mandate)
    if wanted <= 0:
        return Decision(Act.SKIP, 0, on, "full")
    if mandate.charged + wanted > mandate.most_a_month:
        return Decision(Act.SKIP, wanted, on, "cap")
    return Decision(Act.CHARGE, wanted, on)


def _wanted(mandate: Standing) -> int:
    return max(0, mandate.amount - mandate.available) if mandate.refills else mandate.amount


def rest_after(decline: str, failures: int) -> int | None:
    """Days until the next attempt after `failures` in a row; None: rest until somebody goes on with it."""
    if decline in {"never", "ask"} or failures > len(BACK_OFF_DAYS):
        return None
    return BACK_OFF_DAYS[max(0, failures - 1)]
