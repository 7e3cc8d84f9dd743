"""What customers paid beforehand at the stores of one rule pack, over the period and in the currency that the pack reports in.

Every figure is a sum over the journal: opening, and what moved in the period, come to the closing balance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reporting
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.core.packs.reporting import Custody
from chuzhi.core.packs.rules import Pack, Rule
from chuzhi.core.tables import Row
from chuzhi.finance import custody
from chuzhi.finance.queries import may_see
from chuzhi.ledger.chart import Kind
from chuzhi.wallets import outstanding
from chuzhi.wallets.outstanding import Moved

A_DAY = timedelta(days=1)
LINES: dict[str, tuple[str | Promise, frozenset[Kind]]] = {
    "sold": (_("Sold"), frozenset({Kind.TOP_UP})),
    "spent": (_("Spent"), frozenset({Kind.CHARGE, Kind.CAPTURE})),
    "returned": (_("Came back with returns"), frozenset({Kind.REFUND})),
    "refunded": (_("Refunded"), frozenset({Kind.TOP_UP_REFUND})),
    "expired": (_("Expired"), frozenset({Kind.EXPIRY})),
    "moved": (_("Moved between wallets"), frozenset({Kind.TRANSFER_OUT, Kind.TRANSFER_IN})),
    "disputed": (_("Disputed"), frozenset({Kind.DISPUTE, Kind.DISPUTE_END})),
}
OTHER = ("other", _("Corrected and other"))


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    label: str | Promise
    amount: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency. `custody` is what the pack wants kept apart at the end; of another currency than its own, nothing."""

    currency: str
    opening: int
    lines: Sequence[Line]
    closing: int
    custody: Custody

    @property
    def share_text(self) -> str:
        return str(Told(self.custody.share)) if self.custody.share else ""


@dataclass(frozen=True, slots=True)
class Report:
    """`due` is the day by which a rule wants it, and that rule. A period that is not over is told as far as it goes."""

    pack: Pack
    first: date
    last: date
    due: tuple[date, Rule] | None
    is_over: bool
    figures: Sequence[Figures]


def of(actor: Actor, pack: Pack, on: date) -> Report | None:
    """The period that a day is in. None for somebody who may not see the company's figures."""
    if not may_see(actor):
        return None
    first, last = reporting.period(pack, on)
    before = [each for each in outstanding.moved(since=None, last=first - A_DAY) if each.pack == pack.id]
    during = [each for each in outstanding.moved(since=first, last=last) if each.pack == pack.id]
    currencies = sorted({each.currency for each in (*before, *during)} | ({pack.currency} - {""}))
    figures = [_figures(pack, currency, before, during, last) for currency in currencies]
    return Report(
        pack, first, last, reporting.due_on(pack, last, kind=custody.kind_of(pack.id)), last < timezone.localdate(), figures
    )


def last_over(pack: Pack, today: date) -> date:
    """A day of the last period that is over."""
    return reporting.period(pack, today)[0] - A_DAY


def rows(report: Report) -> Iterator[Row]:
    """As a table to take along, money in whole units."""
    yield [now("Rule pack"), now("From"), now("Until"), now("Currency"), now("Kind of movement"), now("Amount")]
    place = [str(Worded(report.pack.name)), str(report.first), str(report.last)]
    for each in report.figures:
        told = [(now("Unspent at the beginning"), each.opening), *((str(line.label), line.amount) for line in each.lines)]
        told += [(now("Unspent at the end"), each.closing), (now("Wanted in custody"), each.custody.required)]
        yield from ([*place, each.currency, label, money.plain(amount, each.currency)] for label, amount in told)
    if report.due:
        yield [*place, "", str(Told(report.due[1])), str(report.due[0])]


def _figures(pack: Pack, currency: str, before: Sequence[Moved], during: Sequence[Moved], last: date) -> Figures:
    opening, grown = (outstanding.unspent(moves, pack.id, currency) for moves in (before, during))
    of_currency = [each for each in during if each.currency == currency]
    lines = [
        Line(name, label, sum(each.amount for each in of_currency if each.kind in kinds))
        for name, (label, kinds) in LINES.items()
    ]
    lines.append(Line(*OTHER, grown - sum(line.amount for line in lines)))
    closing = opening + grown
    wanted = reporting.custody(pack, closing, last, kind=custody.kind_of(pack.id)) if currency == pack.currency else Custody()
    return Figures(currency, opening, lines, closing, wanted)
