"""What is owed back of one purchase, and why: line by line, each with the rule that it follows.

Money in minor units; units are what the wallet holds of it (minor units of money too, or visits). What was spent is rounded
down, so that the odd unit is the customer's; the customer never gets more than was paid or is left, and never owes.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chuzhi.core.packs import rules as law
from chuzhi.core.packs.rules import Pack, Rule, Topic


class Cause(StrEnum):
    """Who is the cause of the refund. It decides how what was spent is priced."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"


class Step(StrEnum):
    PAID = "paid"
    COOLING_OFF = "cooling_off"
    SPENT_IN_PROPORTION = "spent_in_proportion"
    SPENT_AT_LIST_PRICE = "spent_at_list_price"
    DAYS_IN_PROPORTION = "days_in_proportion"
    MOVED_AWAY = "moved_away"
    DEBT_REPAID = "debt_repaid"
    GIVEN_BACK = "given_back"
    GIFTS = "gifts"
    GIFTS_KEPT = "gifts_kept"
    NEVER_OWED = "never_owed"
    NO_MORE_THAN_LEFT = "no_more_than_left"


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the calculation: what it adds or takes, by which rule, and the figures behind it."""

    step: Step
    amount: int
    rule: Rule | None = None
    figures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A top-up and what became of it.

    `bought` and `given` are the units that it brought, `spent` those consumed, `moved` those that left by another way (a
    transfer, a correction), `left` those that are there and free. `paid`, `debt_repaid`, `given_back` and `gifts` are money.
    """

    paid: int
    bought: int
    given: int
    spent: int
    left: int
    paid_on: date
    moved: int = 0
    debt_repaid: int = 0
    given_back: int = 0
    gifts: int = 0
    list_price: int = 1
    """Money for one unit without the bonus or the packet's discount; 1 for a unit that is money itself."""
    list_extra: int = 0
    """How much more what was spent would have cost at list price, where members pay less."""
    days: int = 0
    days_passed: int = 0
    """Of a time card, its whole period and what is over of it; 0 for value that is used up by using it."""

    @property
    def units(self) -> int:
        return self.bought + self.given


@dataclass(frozen=True, slots=True)
class Owed:
    """What one purchase comes to: `amount` of money, for all of the `units` that are left."""

    amount: int
    units: int
    lines: tuple[Line, ...]


def owed(purchase: Purchase, *, pack: Pack, cause: Cause, asked_on: date, had_it_before: bool = False) -> Owed:
    """The refund of one purchase under a pack, for a cause, on a day."""
    cooling_off = law.is_cooling_off(
        pack, paid_on=purchase.paid_on, asked_on=asked_on, has_used=purchase.spent > 0, had_it_before=had_it_before
    )
    lines = [Line(Step.PAID, purchase.paid)]
    if cooling_off is not None:
        lines.append(Line(Step.COOLING_OFF, 0, cooling_off, ((asked_on - purchase.paid_on).days,)))
    priced_for = Cause.MERCHANT if cooling_off is not None else cause
    lines += _used(purchase, pack, priced_for, asked_on)
    lines += _elsewhere(purchase)
    lines += _gifts(purchase, pack, cause, asked_on)
    return _within(purchase, lines)


def together(all_owed: list[Owed]) -> int:
    return sum(one.amount for one in all_owed)


def _used(purchase: Purchase, pack: Pack, cause: Cause, on: date) -> list[Line]:
    """What was consumed, at the price that the cause calls for."""
    if purchase.days:
        return _days(purchase, pack, on)
    method = pack.rule(Topic.REFUND_METHOD, on, of=cause)
    if not purchase.spent:
        return []
    if method is not None and method.value == "list_price":
        at_list_price = purchase.spent * purchase.list_price + purchase.list_extra
        taken = min(at_list_price, purchase.paid)
        return [Line(Step.SPENT_AT_LIST_PRICE, -taken, method, (purchase.spent, at_list_price))]
    return [
        Line(
            Step.SPENT_IN_PROPORTION,
            -_in_proportion(purchase, purchase.spent),
            method,
            (purchase.spent, purchase.paid, purchase.units),
        )
    ]


def _days(purchase: Purchase, pack: Pack, on: date) -> list[Line]:
    passed = min(purchase.days_passed, purchase.days)
    if not passed:
        return []
    rule = pack.rule(Topic.TIME_CARD, on)
    return [Line(Step.DAYS_IN_PROPORTION, -(purchase.paid * passed // purchase.days), rule, (passed, purchase.days))]


def _elsewhere(purchase: Purchase) -> list[Line]:
    """What is gone without having been consumed."""
    found = (
        Line(Step.MOVED_AWAY, -_in_proportion(purchase, purchase.moved), None, (purchase.moved, purchase.paid, purchase.units)),
        Line(Step.DEBT_REPAID, -purchase.debt_repaid),
        Line(Step.GIVEN_BACK, -purchase.given_back),
    )
    return [line for line in found if line.amount]


def _gifts(purchase: Purchase, pack: Pack, cause: Cause, on: date) -> list[Line]:
    if not purchase.gifts:
        return []
    rule = pack.rule(Topic.GIFTS, on, of=cause)
    if rule is not None and rule.value == "kept":
        return [Line(Step.GIFTS_KEPT, 0, rule, (purchase.gifts,))]
    return [Line(Step.GIFTS, -purchase.gifts, rule)]


def _within(purchase: Purchase, lines: list[Line]) -> Owed:
    """Never below nothing, and of value that is money never above what is left of it."""
    total = sum(line.amount for line in lines)
    if total < 0:
        lines = [*lines, Line(Step.NEVER_OWED, -total)]
    is_money = purchase.list_price == 1 and not purchase.days
    most = purchase.left if is_money else (total if purchase.left else 0)
    if total > max(0, most):
        lines = [*lines, Line(Step.NO_MORE_THAN_LEFT, max(0, most) - total, None, (purchase.left,))]
    return Owed(sum(line.amount for line in lines), purchase.left, tuple(lines))


def _in_proportion(purchase: Purchase, units: int) -> int:
    return purchase.paid * units // purchase.units if purchase.units else 0


def priced(purchase: Purchase, *, unit_price: int, list_price: int) -> Purchase:
    """Visits or days, which the wallet counts in units, with what each unit cost and what it costs without the packet."""
    return replace(purchase, paid=purchase.bought * unit_price, list_price=list_price)
