"""Bands tried out: what amounts would yield, and what the top-ups of late would have cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuzhi.console import values
from chuzhi.console.offers import telling
from chuzhi.topups import offer_rules as rules
from chuzhi.topups.costs import LOOKED_BACK, Replayed, rate
from chuzhi.topups.offer_rules import Asking, Band
from chuzhi.topups.offers import Yield


@dataclass(frozen=True, slots=True)
class Row:
    """What one amount yields. `cost` is of what is paid, in percent."""

    pays: str
    at_once: str
    gifts: tuple[str, ...]
    cost: str
    ahead: str


def bands(rows: Any) -> list[Band]:
    """Those lines of the form that are right already, if the form has been filled in at all."""
    if not rows.is_bound:
        return []
    rows.is_valid()
    right = [row for row in rows.forms if not row.errors and row.cleaned_data.get("pay")]
    return [Band(str(number), row.cleaned_data["pay"], tuple(row.gifts())) for number, row in enumerate(right)]


def rows(found: Iterable[Band], asset: str) -> list[Row]:
    """A row for each band, and one for an amount that falls a little short of the first."""
    offer = rules.Offer(id=1, bands=tuple(found))
    pays = sorted({band.pay for band in offer.bands})
    short = [pays[0] - pays[0] // 25 - 1] if pays and pays[0] > 1 else []
    return [_row(offer, pay, asset) for pay in [*short, *pays]]


def past(found: Replayed, asset: str) -> str:
    """The bands laid over what was paid in lately, in one sentence."""
    if not found.top_ups:
        return _("Nothing was paid into this programme in the last %(days)s days.") % {"days": LOOKED_BACK.days}
    return _(
        "Of %(all)s top-ups in the last %(days)s days %(reached)s reached a band: %(worth)s, or %(rate)s of what they paid."
    ) % {
        "days": LOOKED_BACK.days, "reached": found.reached, "all": found.top_ups,
        "worth": values.text(found.worth, asset), "rate": telling.percent(found.rate),
    }  # fmt: skip


def _row(offer: rules.Offer, pay: int, asset: str) -> Row:
    asking = Asking(amount=pay, at=timezone.now())
    choice = rules.choose([offer], asking)
    told = telling.told(Yield(pay, choice.won, rules.next_band([offer], asking), ()), asset)
    worth = choice.won.band.worth if choice.won else 0
    return Row(told.amount, told.bonus_at_once, told.gifts, telling.percent(rate(worth, pay)), told.ahead)
