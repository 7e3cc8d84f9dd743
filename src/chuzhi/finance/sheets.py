"""Reconciliations as tables to take along, CSV or XLSX: money in whole units, and no cell that a spreadsheet would run."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chuzhi.core import money
from chuzhi.core.tables import Row, safe_cell
from chuzhi.finance import queries
from chuzhi.finance.models import Case, Day, Movement


def of_day(day: Day) -> Iterator[Row]:
    """Every movement as three books have it, with its differences."""
    yield [
        _("Number"), _("What"), _("Currency"), _("Ledger"), _("Our payments"), _("Bill"), _("Fee"), _("Fee by the bill"),
        _("State"), _("Difference"), _("What was found and done"),
    ]  # fmt: skip
    for movement in queries.movements_of(day).iterator(chunk_size=2000):
        cases = list(movement.cases.all())
        figures = (movement.booked, movement.ours, movement.billed, movement.fee, movement.billed_fee)
        yield [
            safe_cell(movement.number), movement.get_way_display(), movement.currency,
            *(_figure(each, movement) for each in figures), _state(movement, cases),
            "; ".join(case.get_kind_display() for case in cases), safe_cell("; ".join(case.remark for case in cases)),
        ]  # fmt: skip


def of_cases(cases: QuerySet[Case]) -> Iterator[Row]:
    """Each difference with its figures and how it ended, in the order of `cases`."""
    yield [
        _("Difference"), _("Way"), _("What"), _("Number"), _("Currency"), _("Difference (amount)"), _("Ledger"),
        _("Our payments"), _("Bill"), _("Since"), _("Age in days"), _("State"), _("Closed by"), _("What was found and done"),
    ]  # fmt: skip
    for case in cases.iterator(chunk_size=2000):
        movement = case.movement
        figures = (case.amount, movement.booked, movement.ours, movement.billed)
        yield [
            case.get_kind_display(), safe_cell(movement.account.name if movement.account else ""), movement.get_way_display(),
            safe_cell(movement.number), movement.currency, *(_figure(each, movement) for each in figures),
            str(timezone.localdate(case.opened_at)), str(case.age_days),
            _("Closed") if case.closed_at else pgettext("incident", "Open"), case.closed_by, safe_cell(case.remark),
        ]  # fmt: skip


def _figure(amount: int | None, movement: Movement) -> str:
    """A minus sign before digits is a number, and no formula."""
    return "" if amount is None else money.plain(amount, movement.currency)


def _state(movement: Movement, cases: Sequence[Case]) -> str:
    if any(case.closed_at is None for case in cases):
        return pgettext("incident", "Open")
    return _("Agrees") if movement.is_settled else _("On its way")
