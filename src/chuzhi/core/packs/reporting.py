"""What a pack demands of the whole of what customers paid beforehand: how much is kept in custody, what is reported and by when.

Amounts are minor units of the pack's currency; a pack says nothing about value of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chuzhi.core import working_days
from chuzhi.core.packs.rules import Pack, Rule, Topic

MONTH, QUARTER, YEAR = "month", "quarter", "year"
MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
OF_PERIOD = "period_end"
"""The share is of what was unspent when the last period ended, not of today's."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Custody:
    """What has to be on the custody account: `share` percent of `base`, rounded up; nothing below `floor`."""

    base: int = 0
    required: int = 0
    share: Rule | None = None
    floor: Rule | None = None


def shares(pack: Pack, on: date) -> Sequence[Rule]:
    """One for each kind of issuer, the pack's own first."""
    return _by_kind(pack, Topic.CUSTODY_PERCENT, on)


def custody(pack: Pack, base: int, on: date, *, kind: str = "") -> Custody:
    """Of an issuer of a kind that the pack does not know, the highest share is taken."""
    known = shares(pack, on)
    share = _of_kind(known, kind) or max(known, key=lambda rule: rule.number, default=None)
    floor = pack.rule(Topic.CUSTODY_FROM, on)
    if share is None or (floor is not None and base < floor.number):
        return Custody(base, 0, share, floor)
    return Custody(base, -(-max(base, 0) * share.number // 100), share, floor)


def base_on(pack: Pack, on: date) -> date:
    """The day at whose end the unspent value counts for the custody of a day."""
    rule = pack.rule(Topic.CUSTODY_BASE, on)
    return period(pack, on)[0] - A_DAY if rule is not None and rule.value == OF_PERIOD else on


def period(pack: Pack, on: date) -> tuple[date, date]:
    """First and last day of the period of reports that a day is in."""
    rule = pack.rule(Topic.REPORT_PERIOD, on)
    months = MONTHS[str(rule.value)] if rule else MONTHS[MONTH]
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    after = first.year * 12 + first.month - 1 + months
    return first, date(after // 12, after % 12 + 1, 1) - A_DAY


def due_on(pack: Pack, last: date, *, kind: str = "") -> tuple[date, Rule] | None:
    """By when a period that ended on `last` is reported: the earliest day that a rule demands, and that rule.

    Of an issuer of a kind that the pack does not know, the shortest time is taken.
    """
    days = pack.rule(Topic.REPORT_DUE_DAYS, last)
    known = _by_kind(pack, Topic.REPORT_DUE_WORKING_DAYS, last)
    working = _of_kind(known, kind) or min(known, key=lambda rule: rule.number, default=None)
    found = [(last + timedelta(days=days.number), days)] if days else []
    if working:
        found.append((_working_days_after(last, working), working))
    return min(found, key=lambda each: each[0], default=None)


def _by_kind(pack: Pack, topic: Topic, on: date) -> Sequence[Rule]:
    kinds = dict.fromkeys(rule.of for rule in pack.rules if rule.topic is topic and rule.holds_on(on))
    return [rule for kind in kinds if (rule := pack.rule(topic, on, of=kind))]


def _of_kind(known: Sequence[Rule], kind: str) -> Rule | None:
    return next((rule for rule in known if kind and rule.of == kind), None)


def _working_days_after(day: date, rule: Rule) -> date:
    count = rule.number
    while count:
        day += A_DAY
        count -= working_days.works_on(day, rule.currency)
    return day
