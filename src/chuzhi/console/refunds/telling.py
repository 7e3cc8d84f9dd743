"""A refund calculation in words: what was paid, what goes off, and the rule behind each step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuzhi.console import values
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Told as RuleTold
from chuzhi.core.packs.errors import Worded
from chuzhi.core.packs.rules import Rule
from chuzhi.refunds.calculating import Calculation
from chuzhi.refunds.models import RefundPart, RefundRequest
from chuzhi.refunds.rules import Step
from chuzhi.wallets import moves

STEPS: dict[Step, Promise] = {
    Step.PAID: gettext_lazy("Paid at the time"),
    Step.COOLING_OFF: gettext_lazy("Asked back in time to think again"),
    Step.SPENT_IN_PROPORTION: gettext_lazy("Spent, in proportion"),
    Step.SPENT_AT_LIST_PRICE: gettext_lazy("Spent, at list price"),
    Step.DAYS_IN_PROPORTION: gettext_lazy("Days that are over"),
    Step.MOVED_AWAY: gettext_lazy("Moved to another wallet or corrected away"),
    Step.DEBT_REPAID: gettext_lazy("Repaid a debt at once"),
    Step.GIVEN_BACK: gettext_lazy("Given back before"),
    Step.GIFTS: gettext_lazy("Gifts that were taken"),
    Step.GIFTS_KEPT: gettext_lazy("Gifts that the customer keeps"),
    Step.NEVER_OWED: gettext_lazy("The customer never owes for it"),
    Step.NO_MORE_THAN_LEFT: gettext_lazy("No more than is left"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it is read: what, how much, how it was worked out, and by which rule."""

    label: str
    amount: str
    how: str
    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one top-up comes to."""

    top_up: int
    operation: str
    at: datetime | None
    terms: int | None
    pack: str
    units: str
    amount: str
    is_owed: bool
    lines: tuple[Line, ...]


def calculation(found: Calculation, asset: str) -> list[Told]:
    return [
        Told(
            top_up=part.top_up,
            operation=moves.operation_id(found.wallet.book, part.top_up),
            at=part.entry.effective_at,
            terms=part.terms,
            pack=str(Worded(part.pack.name)),
            units=values.text(part.owed.units, asset),
            amount=values.text(part.owed.amount, found.currency),
            is_owed=bool(part.owed.amount),
            lines=tuple(
                _line(line.step, line.amount, line.rule, line.figures, found.currency, asset) for line in part.owed.lines
            ),
        )
        for part in found.parts
    ]


def kept(request: RefundRequest, parts: Iterable[RefundPart], asset: str) -> list[Told]:
    """The calculation as it was when it was asked for."""
    return [
        Told(
            top_up=part.top_up,
            operation=moves.operation_id(request.wallet.book, part.top_up),
            at=None,
            terms=part.terms,
            pack=_pack_name(part.pack),
            units=values.text(part.units, asset),
            amount=values.text(part.amount, request.currency),
            is_owed=True,
            lines=tuple(
                _line(Step(step), amount, _rule(part.pack, rule), figures, request.currency, asset)
                for step, amount, rule, figures in part.lines
            ),
        )
        for part in parts
    ]


def request(row: RefundRequest) -> dict[str, object]:
    return {
        "row": row,
        "amount": values.text(row.amount, row.currency),
        "customer": row.wallet.customer.name if row.wallet.customer else _("Bearer card"),
    }


def _line(step: Step, amount: int, rule: Rule | None, figures: Sequence[int], currency: str, asset: str) -> Line:
    how = _HOW.get(step)
    return Line(
        label=str(STEPS[step]),
        amount=values.text(amount, currency),
        how=how(figures, currency, asset) if how else "",
        rule=rule.id if rule else "",
        says=str(RuleTold(rule)) if rule else "",
    )


def _in_proportion(figures: Sequence[int], currency: str, asset: str) -> str:
    spent, paid, units = figures
    return _("%(spent)s × %(paid)s ÷ %(units)s") % {
        "spent": values.text(spent, asset),
        "paid": values.text(paid, currency),
        "units": values.text(units, asset),
    }


def _at_list_price(figures: Sequence[int], currency: str, asset: str) -> str:
    spent, at_list_price = figures
    return _("%(spent)s, which cost %(amount)s at list price") % {
        "spent": values.text(spent, asset),
        "amount": values.text(at_list_price, currency),
    }


def _days(figures: Sequence[int], _currency: str, _asset: str) -> str:
    passed, days = figures
    return _("%(passed)s of %(days)s days") % {"passed": passed, "days": days}


def _after(figures: Sequence[int], _currency: str, _asset: str) -> str:
    return ngettext("%(days)s day after paying", "%(days)s days after paying", figures[0]) % {"days": figures[0]}


def _worth(figures: Sequence[int], currency: str, _asset: str) -> str:
    return values.text(figures[0], currency)


def _left(figures: Sequence[int], _currency: str, asset: str) -> str:
    return values.text(figures[0], asset)


_HOW: dict[Step, Callable[[Sequence[int], str, str], str]] = {
    Step.SPENT_IN_PROPORTION: _in_proportion,
    Step.MOVED_AWAY: _in_proportion,
    Step.SPENT_AT_LIST_PRICE: _at_list_price,
    Step.DAYS_IN_PROPORTION: _days,
    Step.COOLING_OFF: _after,
    Step.GIFTS_KEPT: _worth,
    Step.NO_MORE_THAN_LEFT: _left,
}


def _rule(pack: str, number: str) -> Rule | None:
    found = reading.packs().get(pack)
    return next((rule for rule in found.rules if rule.id == number), None) if found else None


def _pack_name(pack: str) -> str:
    found = reading.packs().get(pack)
    return str(Worded(found.name)) if found else pack
