"""From where on each rule hits: the versions that the shop has set, else what is usual; and what other figures would have raised."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.authority import require
from chuzhi.organization.twins import refused
from chuzhi.risk import rules
from chuzhi.risk.errors import RuleChanged, RuleUnusable
from chuzhi.risk.models import Action, Noted, RuleVersion
from chuzhi.risk.rules import RULES, Thresholds

MANAGE = "risk.rules"
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule as it holds now. Version 0: nobody has changed it."""

    code: str
    limits: Thresholds
    version: int = 0
    is_on: bool = True
    action: Action = Action.NONE


def in_force() -> dict[str, InForce]:
    """Every rule, by its code."""
    latest = RuleVersion.objects.order_by("rule", "-version").distinct("rule")
    found = {row.rule: InForce(row.rule, limits_of(row), row.version, row.is_on, Action(row.action)) for row in latest}
    return {code: found.get(code) or InForce(code, rule.usual) for code, rule in RULES.items()}


def limits_of(row: RuleVersion) -> Thresholds:
    return Thresholds(
        minutes=row.minutes, count=row.count, amount=row.amount, currency=row.currency, from_hour=row.from_hour,
        until_hour=row.until_hour,
    )  # fmt: skip


@transaction.atomic(durable=True)
def change(*, code: str, limits: Thresholds, is_on: bool, action: Action, by: Actor) -> RuleVersion:
    """A new version from now on. What it does not ask about keeps its usual figure. Cases that were raised stay as they are."""
    require(by, MANAGE)
    if code not in RULES:
        raise RuleUnusable(field="rule")
    limits = asked(code, limits)
    if action is not Action.NONE and not RULES[code].is_of_a_holder:
        raise RuleUnusable(field="action")
    if wrong := fault(limits):
        raise RuleUnusable(field=wrong)
    last = RuleVersion.objects.filter(rule=code).aggregate(last=Max("version"))["last"] or 0
    facts = {each: getattr(limits, each) for each in ("minutes", "count", "amount", "currency", "from_hour", "until_hour")}
    with refused(RuleChanged()):
        made = RuleVersion.objects.create(rule=code, version=last + 1, is_on=is_on, action=action, made_by=by.label, **facts)
    audit.record("risk_rule.changed", f"risk_rule:{code}", by=by, version=made.version, is_on=is_on, wants=str(action), **facts)
    return made


def asked(code: str, limits: Thresholds) -> Thresholds:
    """Those figures that the rule asks about; the others are as usual."""
    rule = RULES[code]
    return replace(rule.usual, currency=limits.currency, **{each: getattr(limits, each) for each in rule.asks})


def preview(code: str, limits: Thresholds) -> int:
    """How many cases these figures would have raised in the last 30 days, if nobody had closed one meanwhile."""
    rule, since = RULES[code], timezone.now() - LOOKED_BACK
    noted = Noted.objects.filter(
        what__in=[each.value for each in rule.looks_at], at__gte=since - timedelta(minutes=limits.minutes)
    )
    zone = shop_zone()
    found = rules.hits(code, limits, (each.act(zone) for each in noted.iterator(2000)), since=since)
    return rules.cases(found, limits)


def fault(limits: Thresholds) -> str | None:
    """What would never hit, or always, by its name."""
    holds = (
        ("minutes", 0 < limits.minutes <= rules.LONGEST_MINUTES),
        ("count", 0 <= limits.count <= 100_000 and (limits.count > 0 or limits.amount > 0)),
        ("amount", 0 <= limits.amount <= money.LARGEST),
        ("currency", _is_currency(limits.currency)),
        ("from_hour", 0 <= limits.from_hour <= 23),
        ("until_hour", 0 <= limits.until_hour <= 24),
    )
    return next((field for field, is_right in holds if not is_right), None)


def _is_currency(code: str) -> bool:
    try:
        money.exponent(code)
    except Refused:
        return False
    return True
