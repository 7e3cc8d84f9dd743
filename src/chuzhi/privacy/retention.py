"""How long each kind of personal data is kept: what holds, what law wants, what would go, and the night that lets it go."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chuzhi.core import audit, days, months
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import PackRefused
from chuzhi.core.packs.rules import Rule, Topic
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.organization.twins import refused
from chuzhi.privacy.errors import KindUnknown, MonthsUnusable, RuleChanged
from chuzhi.privacy.kinds import KINDS, Kind
from chuzhi.privacy.models import Forgetting, RetentionRule
from chuzhi.privacy.records import CLOCK

MANAGE = "privacy.manage"
LEAST, MOST = 3, 600
"""Months. Below three, what happened could not be looked into any more: an import is reversed, a bill disputed."""
COUNTED, BATCH = 10_000, 500
SECONDS_A_NIGHT = 20 * 60


@dataclass(frozen=True, slots=True)
class InForce:
    """Version 0: nobody has said anything, and it is kept. `law`: the rule that wants it kept for some time."""

    name: str
    kind: Kind
    months: int | None
    version: int
    law: Rule | None

    @property
    def least(self) -> int:
        return max(LEAST, 12 * self.law.number if self.law else 0)


def in_force() -> dict[str, InForce]:
    latest = {row.kind: row for row in RetentionRule.objects.order_by("kind", "-version").distinct("kind")}
    law = _law()
    return {
        name: InForce(
            name,
            kind,
            row.months if (row := latest.get(name)) else None,
            row.version if row else 0,
            law if kind.is_register else None,
        )
        for name, kind in KINDS.items()
    }


@transaction.atomic(durable=True)
def change(*, kind: str, months: int | None, by: Actor) -> RetentionRule:
    """From the coming night on. None: kept until somebody says otherwise. Refuses less than the law of any open store wants."""
    require(by, MANAGE)
    now = of(kind)
    if months is not None:
        if now.law is not None and LEAST <= months < now.least:
            raise PackRefused(now.law)
        if not LEAST <= months <= MOST:
            raise MonthsUnusable(least=now.least, most=MOST)
    last = RetentionRule.objects.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0
    with refused(RuleChanged()):
        made = RetentionRule.objects.create(kind=kind, version=last + 1, months=months, made_by=by.label)
    audit.record("retention.changed", f"retention:{kind}", by=by, version=made.version, months=months, before=now.months)
    return made


def of(kind: str) -> InForce:
    found = in_force().get(kind)
    if found is None:
        raise KindUnknown
    return found


def due(kind: str, months: int) -> int:
    """How many rows are past so many months now; counted up to `COUNTED`, and for customers before their wallets are asked."""
    return int(KINDS[kind].past(before(months))[: COUNTED + 1].count())


def before(given: int) -> datetime:
    """The first moment that is still kept: the beginning of the shop's day so many months ago."""
    return days.begin(months.later(timezone.localdate(), -given))


def forget_what_is_past(*, seconds: float = SECONDS_A_NIGHT) -> dict[str, int]:
    """What the clock calls: every kind by its rule, batch by batch, until the time is up. Answers how many rows of each went."""
    ends, found = time.monotonic() + seconds, {}
    for name, now in in_force().items():
        if now.months is None:
            continue
        found[name] = _forget(name, now.kind, before(max(now.months, now.least)), ends)
    return found


def _forget(name: str, kind: Kind, since: datetime, ends: float) -> int:
    last = Forgetting.objects.filter(kind=name).order_by("-pk").first()
    reached, count = last.reached if last else 0, 0
    for numbers in _walk(kind, since, reached):
        with transaction.atomic(durable=True):
            count += kind.forget(kind.past(since).filter(pk__in=numbers), since)
        reached = numbers[-1]
        if time.monotonic() >= ends:
            break
    else:
        reached = 0
    if count or reached != (last.reached if last else 0):
        with transaction.atomic():
            Forgetting.objects.create(kind=name, before=since, count=count, reached=reached)
            audit.record("retention.forgotten", f"retention:{name}", by=CLOCK, count=count, before=since.isoformat())
    return count


def _walk(kind: Kind, since: datetime, reached: int) -> Iterator[list[int]]:
    """The numbers of what is past, in their order: each is looked at once, whether it goes or has to stay."""
    while numbers := list(kind.past(since).filter(pk__gt=reached).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield numbers
        reached = numbers[-1]


def _law() -> Rule | None:
    """The strictest of what the packs of open stores want of the register of cards."""
    known, today = reading.packs(), timezone.localdate()
    packs = Store.objects.filter(is_open=True).values_list("pack", flat=True).distinct()
    rules = [rule for name in packs if name in known and (rule := known[name].rule(Topic.REGISTER_YEARS, today))]
    return max(rules, key=lambda rule: rule.number, default=None)
