"""What a pack answers: may this card exist, be topped up, be spent; what is owed back; what is due when.

A question is answered by the rule that holds on the day asked for: the pack's own first, then the one it builds on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Topic(StrEnum):
    """What a rule is about. Amounts are minor units of the pack's currency."""

    MOST_HELD = "most_held"
    MOST_AT_ONCE = "most_at_once"
    MOST_A_DAY = "most_a_day"
    CASHLESS_FROM = "cashless_from"
    IDENTITY_FROM = "identity_from"
    NEVER_EXPIRES = "never_expires"
    LEAST_VALID_DAYS = "least_valid_days"
    LOSS_REPORT = "loss_report"
    OTHER_MERCHANTS = "other_merchants"
    VIRTUAL_CURRENCY = "virtual_currency"
    CASH_OUT_BELOW = "cash_out_below"
    COOLING_OFF_DAYS = "cooling_off_days"
    COOLING_OFF_UNUSED = "cooling_off_unused"
    REFUND_METHOD = "refund_method"
    GIFTS = "gifts"
    TIME_CARD = "time_card"
    REFUND_DUE_DAYS = "refund_due_days"
    NOTICE_DAYS = "notice_days"
    CLOSING_NOTICE_DAYS = "closing_notice_days"
    CUSTODY_FROM = "custody_from"
    CUSTODY_PERCENT = "custody_percent"
    CUSTODY_BASE = "custody_base"
    REPORT_PERIOD = "report_period"
    REPORT_DUE_DAYS = "report_due_days"
    REPORT_DUE_WORKING_DAYS = "report_due_working_days"
    REGISTER_YEARS = "register_years"


AMOUNTS = frozenset(
    {
        Topic.MOST_HELD,
        Topic.MOST_AT_ONCE,
        Topic.MOST_A_DAY,
        Topic.CASHLESS_FROM,
        Topic.IDENTITY_FROM,
        Topic.CASH_OUT_BELOW,
        Topic.CUSTODY_FROM,
    }
)
"""Topics whose value is an amount: they say something about value of the pack's currency only."""

NAMED, BEARER = "named", "bearer"
PERSON, UNIT = "person", "unit"
CUSTOMER, MERCHANT = "customer", "merchant"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in both languages; `{value}` stands for the number of the rule."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from. `checked_on`: the day it was compared with the official gazette, if it ever was."""

    id: str
    title: Said
    checked_on: date | None = None
    is_policy: bool = False
    """Nobody's law: a promise of the house, which no gazette has."""

    @property
    def is_unchecked(self) -> bool:
        return self.checked_on is None and not self.is_policy


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter with the days it holds. `of` narrows it: to named cards, to persons, to refunds the merchant causes."""

    id: str
    pack: str
    topic: Topic
    value: int | bool | str
    says: Said
    source: Source
    currency: str
    of: str = ""
    article: str = ""
    first_on: date = date.min
    last_on: date = date.max

    def holds_on(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on

    @property
    def number(self) -> int:
        return int(self.value)


@dataclass(frozen=True, slots=True)
class Pack:
    """One jurisdiction. `rules` are its own, then those of the pack it builds on: the first that fits answers."""

    id: str
    name: Said
    currency: str
    rules: tuple[Rule, ...]
    builds_on: str = ""
    cases: tuple[Mapping[str, object], ...] = field(default=(), repr=False)

    def rule(self, topic: Topic, on: date, *, of: str = "") -> Rule | None:
        fitting = (rule for rule in self.rules if rule.topic is topic and rule.of in {"", of} and rule.holds_on(on))
        return next(fitting, None)

    def about(self, topic: Topic, on: date, *, of: str = "", currency: str) -> Rule | None:
        """The same for an amount, which is about value of one currency."""
        rule = self.rule(topic, on, of=of)
        return rule if rule is not None and rule.currency == currency else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A top-up that is asked for. `held` is what is on the card before, `coming` what is added with any bonus, `paid` the money
    that changes hands, `paid_today` what was paid earlier on this day."""

    holder: str
    currency: str
    held: int
    coming: int
    paid: int
    paid_today: int = 0
    in_cash: bool = False
    payer: str = PERSON
    is_identified: bool = True
    in_virtual_currency: bool = False


def objections_to_load(pack: Pack, load: Load, on: date) -> list[Rule]:
    """Every rule that a top-up would break."""
    limits = (
        (Topic.MOST_HELD, load.holder, load.held + load.coming),
        (Topic.MOST_AT_ONCE, load.holder, load.paid),
        (Topic.MOST_A_DAY, load.holder, load.paid_today + load.paid),
    )
    broken = [
        rule
        for topic, of, reached in limits
        if (rule := pack.about(topic, on, of=of, currency=load.currency)) and reached > rule.number
    ]
    floors = ((Topic.CASHLESS_FROM, load.payer, load.in_cash), (Topic.IDENTITY_FROM, load.holder, not load.is_identified))
    broken += [
        rule
        for topic, of, matters in floors
        if matters and (rule := pack.about(topic, on, of=of, currency=load.currency)) and load.paid >= rule.number
    ]
    return broken + ([rule] if load.in_virtual_currency and (rule := to_virtual_currency(pack, on)) else [])


def to_expiry(pack: Pack, *, holder: str, valid_days: int | None, on: date) -> Rule | None:
    """The rule against value that ends after so many days (None: never)."""
    if valid_days is None:
        return None
    never = pack.rule(Topic.NEVER_EXPIRES, on, of=holder)
    if never is not None and never.value:
        return never
    least = pack.rule(Topic.LEAST_VALID_DAYS, on, of=holder)
    return least if least is not None and valid_days < least.number else None


def to_loss_report(pack: Pack, *, holder: str, on: date) -> Rule | None:
    """The rule against reporting such a card lost: whoever holds it is its owner."""
    rule = pack.rule(Topic.LOSS_REPORT, on, of=holder)
    return rule if rule is not None and not rule.value else None


def to_spending(pack: Pack, *, with_the_issuer: bool, on: date) -> Rule | None:
    """The rule against taking the value here: at a merchant that has nothing to do with the issuer."""
    others = pack.rule(Topic.OTHER_MERCHANTS, on)
    return others if others is not None and not with_the_issuer and not others.value else None


def to_virtual_currency(pack: Pack, on: date) -> Rule | None:
    rule = pack.rule(Topic.VIRTUAL_CURRENCY, on)
    return rule if rule is not None and not rule.value else None


def to_cash_out(pack: Pack, *, balance: int, currency: str, on: date) -> Rule | None:
    """The rule against paying a balance out in money, which is not the refund of a purchase. A small rest may have to be."""
    rule = pack.rule(Topic.CASH_OUT_BELOW, on)
    if rule is None:
        return None
    return None if rule.currency == currency and balance < rule.number else rule


def is_cooling_off(pack: Pack, *, paid_on: date, asked_on: date, has_used: bool, had_it_before: bool) -> Rule | None:
    """The rule that gives the money back without a reason, if it still does: so many days, counted from the day after."""
    days = pack.rule(Topic.COOLING_OFF_DAYS, asked_on)
    if days is None or had_it_before or (asked_on - paid_on).days > days.number:
        return None
    unused = pack.rule(Topic.COOLING_OFF_UNUSED, asked_on)
    return None if has_used and unused is not None and unused.value else days


def strictest(rules: Iterable[Rule | None]) -> Rule | None:
    """The one that allows least."""
    return min((rule for rule in rules if rule is not None), key=lambda rule: rule.number, default=None)


@dataclass(frozen=True, slots=True)
class Difference:
    """What two packs answer to one question on one day, where it is not the same."""

    topic: Topic
    of: str
    before: Rule | None
    after: Rule | None


def differences(before: Pack, after: Pack, on: date) -> list[Difference]:
    """In the order of the topics. A rule that says the same under another name is no difference."""
    asked = {(rule.topic, rule.of) for rule in (*before.rules, *after.rules)}
    order = list(Topic)
    found = [
        Difference(topic, of, before.rule(topic, on, of=of), after.rule(topic, on, of=of))
        for topic, of in sorted(asked, key=lambda each: (order.index(each[0]), each[1]))
    ]
    return [each for each in found if _said(each.before) != _said(each.after)]


def _said(rule: Rule | None) -> tuple[object, ...] | None:
    if rule is None:
        return None
    return (rule.value, rule.currency) if rule.topic in AMOUNTS else (rule.value,)
