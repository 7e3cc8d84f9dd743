"""Whom it would concern if a store followed another rule pack: counted and listed before anything is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading, reporting, rules
from chuzhi.core.packs.errors import PackUnknown
from chuzhi.core.packs.reporting import Custody
from chuzhi.core.packs.rules import Difference, Pack, Rule, Topic
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.wallets import ceilings, outstanding, programmes
from chuzhi.wallets.models import Programme

RULES = "stores.rules"
USUAL = 50
LIMITS = frozenset({Topic.MOST_HELD, Topic.MOST_AT_ONCE, Topic.MOST_A_DAY, Topic.IDENTITY_FROM, Topic.CASHLESS_FROM})
REFUNDS = frozenset(
    {
        Topic.COOLING_OFF_DAYS, Topic.COOLING_OFF_UNUSED, Topic.REFUND_METHOD, Topic.GIFTS, Topic.TIME_CARD,
        Topic.REFUND_DUE_DAYS, Topic.CASH_OUT_BELOW,
    }
)  # fmt: skip

Facts = dict[str, Any]
"""What the statements below are asked with."""

AFFECTED = """
    WITH held AS (
        SELECT w.id, w.customer_id IS NOT NULL AS is_named, w.programme_id, b.balance, g.limits, g.expiry,
               b.balance > g.ceiling AS is_over,
               %(refunds)s AND EXISTS (
                   SELECT 1 FROM ledger_operation o WHERE o.book = w.book AND o.wallet = w.id AND o.kind = %(top_up)s
                     AND o.store = %(store)s AND o.refusal IS NULL) AS refund
        FROM unnest(%(programmes)s::int[], %(named)s::bool[], %(limits)s::bool[], %(expiry)s::bool[], %(ceilings)s::bigint[])
                 AS g(programme, named, limits, expiry, ceiling)
        JOIN wallet w ON w.programme_id = g.programme AND (w.customer_id IS NOT NULL) = g.named
        JOIN LATERAL (
            SELECT coalesce(sum(l.remaining), 0)::bigint AS balance FROM ledger_lot l
            WHERE l.book = w.book AND l.wallet = w.id AND l.open AND l.bucket <> %(debt)s
              AND (l.expires_at IS NULL OR l.expires_at > %(now)s)) b ON b.balance > 0
    ), affected AS (SELECT * FROM held WHERE limits OR expiry OR refund) """


@dataclass(frozen=True, slots=True)
class Affected:
    """A wallet that holds value, and what would change for it. Minor units."""

    wallet: int
    programme: int
    is_named: bool
    balance: int
    limits: bool
    is_over: bool
    expiry: bool
    refund: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wallets there are of each; `is_over`: they hold more than the new ceiling, and could not be topped up here."""

    wallets: int = 0
    limits: int = 0
    is_over: int = 0
    expiry: int = 0
    refund: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """What a pack makes of the store's own part: the share in custody of what it sold and is unspent, the period, and by when.

    Of value in another currency than its own a pack wants nothing.
    """

    custody: Custody
    first: date
    last: date
    due: tuple[date, Rule] | None


@dataclass(frozen=True, slots=True)
class Preview:
    before: Pack
    after: Pack
    reports: tuple[Reported, Reported]
    differences: tuple[Difference, ...]
    counts: Counts
    wallets: tuple[Affected, ...]
    following: int | None
    """The last wallet of this page, if there are more."""


@dataclass(frozen=True, slots=True)
class _Group:
    """The wallets of one programme and kind of card: they share what changes, all but refunds and their balance."""

    programme: int
    is_named: bool
    limits: bool
    expiry: bool
    ceiling: int | None


def preview(*, store: Store, pack: str, by: Actor, after: int = 0, limit: int = USUAL) -> Preview:
    """What would follow if the store chose the pack now. Changes nothing.

    Limits and expiry concern wallets that can be used in the store, refunds those that were topped up there.
    """
    require(by, RULES)
    if pack not in reading.packs():
        raise PackUnknown(given=pack)
    present, wanted = reading.pack(ceilings.pack_of(store.pk)), reading.pack(pack)
    differing = rules.differences(present, wanted, timezone.localdate())
    facts: Facts = {
        "refunds": any(each.topic in REFUNDS for each in differing), "store": store.pk, "top_up": int(Kind.TOP_UP),
        "debt": int(Bucket.DEBT), "now": timezone.now(), "after": after, "most": limit + 1,
        **_columns(_groups(store, present, wanted)),
    }  # fmt: skip
    counts, rows = _counted(facts), _listed(facts)
    following = rows[limit - 1].wallet if len(rows) > limit else None
    reports = (_reported(store, present), _reported(store, wanted))
    return Preview(present, wanted, reports, tuple(differing), counts, tuple(rows[:limit]), following)


def _reported(store: Store, pack: Pack) -> Reported:
    """Of the period that is under way."""
    today = timezone.localdate()
    first, last = reporting.period(pack, today)
    unspent = outstanding.sold_by(store, pack.currency) if pack.currency else 0
    return Reported(reporting.custody(pack, unspent, today), first, last, reporting.due_on(pack, last))


def _groups(store: Store, before: Pack, after: Pack) -> list[_Group]:
    found = []
    for programme in Programme.objects.filter(kind=Programme.Kind.MONEY).order_by("pk"):
        terms = programmes.known(programme.pk).terms()
        if terms.may_be_used_in(store.pk):
            found += [
                _group(programme, holder, terms.principal_valid_days, before, after) for holder in (rules.NAMED, rules.BEARER)
            ]
    return found


def _group(programme: Programme, holder: str, days: int | None, before: Pack, after: Pack) -> _Group:
    limits = [_limits(pack, holder, programme.asset) for pack in (before, after)]
    ends = [_ends_lawfully(pack, holder, days) for pack in (before, after)]
    ceiling = _ceiling(after, holder, programme.asset)
    return _Group(programme.pk, holder == rules.NAMED, limits[0] != limits[1], ends[0] != ends[1], ceiling)


def _limits(pack: Pack, holder: str, asset: str) -> list[int | None]:
    today = timezone.localdate()
    asked = [(topic, rules.PERSON if topic is Topic.CASHLESS_FROM else holder) for topic in sorted(LIMITS)]
    found = [pack.about(topic, today, of=of, currency=asset) for topic, of in asked]
    return [rule.number if rule else None for rule in found]


def _ceiling(pack: Pack, holder: str, asset: str) -> int | None:
    rule = pack.about(Topic.MOST_HELD, timezone.localdate(), of=holder, currency=asset)
    return rule.number if rule else None


def _ends_lawfully(pack: Pack, holder: str, days: int | None) -> bool:
    return rules.to_expiry(pack, holder=holder, valid_days=days, on=timezone.localdate()) is None


def _columns(groups: Iterable[_Group]) -> Facts:
    groups = list(groups)
    return {
        "programmes": [each.programme for each in groups],
        "named": [each.is_named for each in groups],
        "limits": [each.limits for each in groups],
        "expiry": [each.expiry for each in groups],
        "ceilings": [each.ceiling for each in groups],
    }


def _counted(facts: Facts) -> Counts:
    wanted = """SELECT count(*), count(*) FILTER (WHERE limits), count(*) FILTER (WHERE limits AND is_over),
                       count(*) FILTER (WHERE expiry), count(*) FILTER (WHERE refund) FROM affected"""
    with connection.cursor() as cursor:
        cursor.execute(AFFECTED + wanted, facts)
        row = cursor.fetchone()
    return Counts(*row) if row else Counts()


def _listed(facts: Facts) -> list[Affected]:
    wanted = """SELECT id, programme_id, is_named, balance, limits, limits AND coalesce(is_over, false), expiry, refund
                FROM affected WHERE id > %(after)s ORDER BY id LIMIT %(most)s"""
    with connection.cursor() as cursor:
        cursor.execute(AFFECTED + wanted, facts)
        return [Affected(*row) for row in cursor.fetchall()]
