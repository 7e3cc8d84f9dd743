"""Which colleagues want to know of which top-ups, at once or all of a day together, and which programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors, audit, money
from chuzhi.core.actors import Actor
from chuzhi.ledger import assets
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method, System, party_of, system_of
from chuzhi.ledger.followers import Entry
from chuzhi.messaging import facts, outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import ROLES
from chuzhi.payments import methods
from chuzhi.till import takings
from chuzhi.till.errors import NoticeUnusable
from chuzhi.till.models import TopUpNotice
from chuzhi.webhooks.models import Endpoint

MANAGE = "messages.manage"
DIGEST = Kind(
    "top_up.digest",
    _("Top-ups of a day, for colleagues"),
    _("Top-ups of {day}: {total}"),
    _("On {day} customers topped up {total}.\n\n{stores}\n\n{shop}"),
    ("day", "total", "stores"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One wish: top-ups from `at_least` minor units of `currency`, by this method or any, are told to these roles or a program."""

    currency: str
    at_least: int
    method: int | None
    roles: frozenset[str]
    endpoint: Endpoint | None = None

    def wants(self, currency: str, amount: int, method: int) -> bool:
        return self.currency == currency and amount >= self.at_least and self.method in {None, method}


def in_force(*, daily: bool = False) -> list[Rule]:
    rows = TopUpNotice.objects.filter(is_daily=daily).select_related("endpoint").order_by("pk")
    return [Rule(row.currency, row.at_least, row.method, frozenset(row.roles), row.endpoint) for row in rows]


def matching(rules: Iterable[Rule], entry: Entry) -> list[Rule]:
    currency, amount, method = assets.currency(entry.outcome.asset), entry.outcome.amount, _method(entry)
    return [rule for rule in rules if rule.wants(currency, amount, method)]


def listeners(rules: Iterable[Rule]) -> list[Endpoint]:
    """The programs among them, each once."""
    return list({rule.endpoint.pk: rule.endpoint for rule in rules if rule.endpoint}.values())


def readers(rules: Iterable[Rule], store: int | None) -> list[Staff]:
    """Whoever works here, in one of the roles, in this store or in all of them."""
    roles = frozenset().union(*(rule.roles for rule in rules))
    here = Q(assignments__store=None) if store is None else Q(assignments__store=None) | Q(assignments__store=store)
    found = Staff.objects.filter(here, is_active=True, assignments__role__in=roles)
    return list(found.distinct().order_by("pk"))


@transaction.atomic(durable=True)
def add(
    *, roles: Sequence[str], at_least: int, by: Actor, currency: str = "CNY", method: str = "", daily: bool = False,
    endpoint: Endpoint | None = None,
) -> TopUpNotice:  # fmt: skip
    """Tell these roles, or a program instead, of such top-ups from now on. A daily one sums all of a day, whatever their size."""
    require(by, MANAGE)
    is_to_one = bool(roles) != bool(endpoint) and not (endpoint and daily)
    if not is_to_one or not set(roles) <= ROLES.keys() or (method and method not in methods.LABELS) or at_least < 0:
        raise NoticeUnusable
    money.exponent(currency)
    notice = TopUpNotice.objects.create(
        roles=sorted(set(roles)), at_least=at_least, currency=currency, method=Method[method.upper()] if method else None,
        is_daily=daily, endpoint=endpoint, made_by=by.label,
    )  # fmt: skip
    audit.record("notice.added", f"notice:{notice.pk}", by=by, roles=notice.roles, at_least=at_least, daily=daily)
    return notice


@transaction.atomic(durable=True)
def remove(*, notice: TopUpNotice, by: Actor) -> None:
    require(by, MANAGE)
    audit.record("notice.removed", f"notice:{notice.pk}", by=by)
    notice.delete()


def tell_of(day: date) -> int:
    """The digest of a day, to whoever wants one, once. Answers to how many. Without top-ups there is none."""
    zone, by = shop_zone(), actors.system("digest")
    start = datetime.combine(day, time.min, zone)
    sold = [one for one in takings.between(start, start + timedelta(days=1)) if one.topped_up]
    names, told = dict(Store.objects.values_list("pk", "name")), 0
    for currency in sorted({assets.currency(one.asset) for one in sold} - {""}):
        rows = [one for one in sold if assets.currency(one.asset) == currency]
        said = {
            "day": facts.day(day),
            "total": facts.money(sum(one.topped_up for one in rows), currency),
            "stores": facts.listed((names.get(one.store or 0, "–"), one.topped_up, currency) for one in rows),
        }
        for colleague in readers([rule for rule in in_force(daily=True) if rule.currency == currency], None):
            outbox.tell(kind=DIGEST, facts=said, subject=f"day:{day}:{currency}", by=by, staff=colleague)
            told += 1
    return told


def _method(entry: Entry) -> int:
    paid = [leg.account for leg in entry.outcome.legs if leg.account and system_of(leg.account) is System.CLEARING]
    return party_of(paid[0]) if paid else 0
