"""Cases and rules as they are told on a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuzhi.approvals import people
from chuzhi.console import values
from chuzhi.core import actors
from chuzhi.organization.models import Till
from chuzhi.risk.models import Case, Step
from chuzhi.risk.queries import Standing
from chuzhi.risk.rules import RULES, Subject, Thresholds
from chuzhi.risk.thresholds import InForce
from chuzhi.risk.wording import MEANINGS, NAMES, SUBJECTS

ICONS = {
    Step.Kind.NOTED: "pencil",
    Step.Kind.ASSIGNED: "user",
    Step.Kind.FROZEN: "snowflake",
    Step.Kind.HELD: "lock",
    Step.Kind.ASKED: "shield-check",
    Step.Kind.NOT_DONE: "triangle-alert",
    Step.Kind.LET_GO: "lock-open",
    Step.Kind.CLOSED: "check",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list."""

    case: Case
    rule: str
    meaning: str
    subject: str
    """Who or what it is about, by name."""


@dataclass(frozen=True, slots=True)
class Moment:
    step: Step
    icon: str
    who: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    code: str
    name: str
    meaning: str
    subject: str
    now: InForce
    said: str
    standing: Standing


def lines(cases: Iterable[Case]) -> list[Line]:
    found = list(cases)
    tills = {each.pk: each for each in Till.objects.select_related("store").filter(pk__in=_numbers(found, Subject.TILL))}
    staff = people.names({each.subject for each in found if each.kind == Subject.STAFF})
    return [Line(each, str(NAMES[each.rule]), str(MEANINGS[each.rule]), _subject(each, tills, staff)) for each in found]


def story(steps: Iterable[Step]) -> list[Moment]:
    found = list(steps)
    names = people.names({step.by for step in found})
    system = actors.system("").label
    return [
        Moment(step, ICONS[Step.Kind(step.kind)], _("the rule") if step.by == system else names.get(step.by, step.by))
        for step in found
    ]


def rule(now: InForce, standing: Standing) -> RuleLine:
    subject = str(SUBJECTS[RULES[now.code].subject])
    said = limits(now.code, now.limits)
    return RuleLine(now.code, str(NAMES[now.code]), str(MEANINGS[now.code]), subject, now, said, standing)


def limits(code: str, at: Thresholds) -> str:
    """From where on it hits, in a line: `5 times or ¥10,000.00, within 1 hour`."""
    asks = RULES[code].asks
    parts = []
    if "count" in asks and at.count:
        parts.append(ngettext("%(number)s time", "%(number)s times", at.count) % {"number": at.count})
    if "amount" in asks and at.amount:
        parts.append(values.text(at.amount, at.currency))
    said = _(" or ").join(parts)
    if code == "many_small":
        said = _("%(times)s, each at most %(amount)s") % {"times": parts[0], "amount": parts[1]}
    if "from_hour" in asks:
        said = _("%(from)s:00 to %(until)s:00: %(rest)s") % {"from": at.from_hour, "until": at.until_hour, "rest": said}
    return _("%(what)s, within %(time)s") % {"what": said, "time": stretch(at.minutes)}


def stretch(minutes: int) -> str:
    """`90 days`, `2 hours`, `10 minutes`."""
    if minutes % 1440 == 0:
        return ngettext("%(number)s day", "%(number)s days", minutes // 1440) % {"number": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(number)s hour", "%(number)s hours", minutes // 60) % {"number": minutes // 60}
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}


def _numbers(cases: Iterable[Case], kind: Subject) -> list[int]:
    return [int(each.subject) for each in cases if each.kind == kind]


def _subject(case: Case, tills: dict[int, Till], staff: dict[str, str]) -> str:
    match Subject(case.kind):
        case Subject.STAFF:
            return staff.get(case.subject, case.subject)
        case Subject.TILL:
            till = tills.get(int(case.subject))
            return f"{till.store.name} · {till.name}" if till else case.subject
        case Subject.PAYER:
            return _("Payer %(mark)s") % {"mark": case.subject[:8]}
        case Subject.CUSTOMER | Subject.WALLET:
            name = case.customer.name if case.customer else _("Bearer card")
            return f"{name} · {case.subject}" if case.kind == Subject.WALLET else name
