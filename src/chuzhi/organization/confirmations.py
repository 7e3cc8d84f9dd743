"""Acts that ask once more who is there: which, from what size on, and how long one answer is good. The shop's table, else ours."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.remembered import Remembered
from chuzhi.organization.authority import require
from chuzhi.organization.errors import ActUnknown, MinutesUnusable
from chuzhi.organization.models import ConfirmationRule

MINUTES, MOST_MINUTES = 15, 12 * 60


class Size(StrEnum):
    """What the size of an act is counted in."""

    MONEY = "money"
    TIMES = "times"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Act:
    label: Promise
    least: int
    size: Size = Size.NONE


@dataclass(frozen=True, slots=True)
class Rule:
    """From `least` on (None: never); minor units of the shop's money, or a number of times."""

    least: int | None
    minutes: int = MINUTES

    def holds(self, amount: int) -> bool:
        return self.least is not None and amount >= self.least


CORRECTION, REFUND, KEYS, EXPORT, REVEAL, ACCESS = "correction", "refund", "keys", "export", "reveal", "access"
ACCEPTANCE, RETENTION = "acceptance", "retention"
ACTS: dict[str, Act] = {
    CORRECTION: Act(_("Correct a balance"), 500_00, Size.MONEY),
    REFUND: Act(_("Pay a balance refund out"), 500_00, Size.MONEY),
    KEYS: Act(_("Give out an API key"), 0),
    EXPORT: Act(_("Take lists along as a file"), 0),
    REVEAL: Act(_("Look at many phone numbers within an hour"), 20, Size.TIMES),
    ACCESS: Act(_("Say who may come in and what they may do"), 0),
    ACCEPTANCE: Act(_("Sign for an import"), 0),
    RETENTION: Act(_("Say how long personal data is kept"), 0),
}
OWN = "own"
"""One's own second factors. It always asks, and stands in no table: whoever sits down at an open screen must not take it over."""


def rule_of(act: str) -> Rule:
    return Rule(0) if act == OWN else _rules(None).get(act, Rule(ACTS[act].least))


@transaction.atomic(durable=True)
def set_rule(*, act: str, least: int | None, minutes: int, by: Actor) -> None:
    require(by, "staff.manage")
    if act not in ACTS:
        raise ActUnknown
    if not 1 <= minutes <= MOST_MINUTES:
        raise MinutesUnusable(most=MOST_MINUTES)
    ConfirmationRule.objects.update_or_create(act=act, defaults={"least": least, "minutes": minutes})
    audit.record("confirmation.set", f"confirmation:{act}", by=by, least=least, minutes=minutes)
    _rules.forget()


def _look_up(_every: None) -> dict[str, Rule]:
    return {row.act: Rule(row.least, row.minutes) for row in ConfirmationRule.objects.all()}


_rules: Remembered[None, dict[str, Rule]] = Remembered(_look_up)
