"""Terms in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuzhi.catalogue import categories
from chuzhi.console import values
from chuzhi.wallets import rules, scopes
from chuzhi.wallets.models import ProgrammeTerms
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.rules import Terms

Fact = tuple[str | Promise, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One version of a programme's terms as it is read."""

    version: int
    since: datetime
    is_current: bool
    is_planned: bool
    offers: tuple[str, ...]
    spending: tuple[Fact, ...]
    limits: tuple[Fact, ...]


def versions(programme: Known, stores: Mapping[int, str], now: datetime) -> list[Told]:
    """Newest first. `stores` are names by number."""
    current = rules.in_force(programme.versions, now)
    return [told(terms, programme.asset_code, stores, current, now) for terms in reversed(programme.versions)]


def told(terms: Terms, asset: str, stores: Mapping[int, str], current: Terms, now: datetime) -> Told:
    return Told(
        version=terms.version,
        since=terms.accepted_from,
        is_current=terms == current,
        is_planned=terms.accepted_from > now and terms != current,
        offers=offers(terms, asset),
        spending=_spending(terms, stores),
        limits=_limits(terms, asset),
    )


def offers(terms: Terms, asset: str) -> tuple[str, ...]:
    return tuple(
        _("%(pay)s gets %(bonus)s") % {"pay": values.text(band.pay, asset), "bonus": values.text(band.bonus, asset)}
        for band in terms.bands
    )


def _spending(terms: Terms, stores: Mapping[int, str]) -> tuple[Fact, ...]:
    refund_order = ProgrammeTerms.RefundOrder
    refunds = refund_order.PROPORTIONAL if terms.refunds_in_proportion else refund_order.LAST_FIRST
    return (
        (gettext_lazy("Deduction order"), str(ProgrammeTerms.DeductionOrder(terms.order).label)),
        (gettext_lazy("Refund order"), str(refunds.label)),
        (gettext_lazy("Principal is valid for"), _days(terms.principal_valid_days)),
        (gettext_lazy("Bonus is valid for"), _days(terms.bonus_valid_days)),
        (gettext_lazy("Grace after a refund"), _days(terms.refund_grace_days)),
        (gettext_lazy("Where"), _where(sorted(terms.stores), stores)),
        (gettext_lazy("For what"), scopes.in_words(categories.paths(terms.categories)) or _("Everything")),
    )


def _limits(terms: Terms, asset: str) -> tuple[Fact, ...]:
    limits: tuple[tuple[Promise, int | None], ...] = (
        (gettext_lazy("Most in one charge"), terms.most_per_charge),
        (gettext_lazy("Most charged in a day"), terms.most_charged_a_day),
        (gettext_lazy("Most in one top-up"), terms.most_per_top_up),
        (gettext_lazy("Most topped up in a day"), terms.most_topped_up_a_day),
        (gettext_lazy("Highest balance"), terms.most_held),
    )
    gift = NOT_OFFERED if terms.most_per_gift is None else values.text(terms.most_per_gift, asset)
    return (
        *((label, str(NO_LIMIT) if limit is None else values.text(limit, asset)) for label, limit in limits),
        (gettext_lazy("Most in one gift"), str(gift)),
    )


NO_LIMIT = gettext_lazy("no limit")
NOT_OFFERED = gettext_lazy("not offered")
NEVER_ENDS = gettext_lazy("without end")


def _days(days: int | None) -> str:
    return str(NEVER_ENDS) if days is None else ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _where(numbers: Sequence[int], stores: Mapping[int, str]) -> str:
    return "、".join(stores.get(number, str(number)) for number in numbers) if numbers else _("All stores")
