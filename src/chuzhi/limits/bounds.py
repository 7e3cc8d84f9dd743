"""Everything that limits a top-up besides the programme's terms: the pack's rules, what the shop set, what was granted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from chuzhi.core.packs import reading
from chuzhi.core.packs.rules import Topic
from chuzhi.ledger import posting
from chuzhi.ledger.rows import Answer, array
from chuzhi.limits.rules import Bound, Kind, Origin, Scope, Situation

NARROWED_BY = [field.name for field in fields(Scope)]
LIMITS = """
    SELECT kind, amount, id, customer_id, tier, channel, method, holder, pack FROM limit_set
    WHERE asset = %s AND (customer_id IS NULL OR customer_id = ANY(%s::bigint[]))"""
TIERS = "SELECT customer_id, code FROM limit_tier WHERE customer_id = ANY(%s::bigint[])"
RAISES = """
    SELECT customer_id, kind, amount, id FROM limit_raise
    WHERE asset = %s AND customer_id = ANY(%s::bigint[]) AND status = 'granted' AND ends_on >= %s::date"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shop set, and where some customers stand: read at one moment, for any number of their top-ups of one asset."""

    limits: tuple[Bound, ...]
    tiers: Mapping[int | None, str]
    raises: Mapping[int | None, Sequence[Bound]]


_TOPICS = {Kind.HELD: Topic.MOST_HELD, Kind.AT_ONCE: Topic.MOST_AT_ONCE, Kind.A_DAY: Topic.MOST_A_DAY}


def of_the_law(situation: Situation, day: date) -> list[Bound]:
    """What the pack of the store says about this kind of card, in this currency."""
    pack = reading.pack(situation.pack)
    found = ((kind, pack.about(topic, day, of=situation.holder, currency=situation.asset)) for kind, topic in _TOPICS.items())
    return [Bound(kind, rule.number, Origin.LAW, rule=rule) for kind, rule in found if rule is not None]


def read(customers: Iterable[int | None], asset: str, day: date) -> Standing:
    """One round trip, and nothing is asked about customers where there are none: every top-up comes by here."""
    known = sorted({customer for customer in customers if customer is not None})
    with posting.joined() as exchange:
        limits = exchange.ask(LIMITS, [asset, array(known)])
        tiers = exchange.ask(TIERS, [array(known)]) if known else Answer()
        granted = exchange.ask(RAISES, [asset, array(known), day.isoformat()]) if known else Answer()
    raises: dict[int | None, list[Bound]] = {}
    for customer, kind, amount, number in granted.rows:
        raises.setdefault(customer, []).append(Bound(Kind(kind), amount, Origin.RAISE, number))
    return Standing(tuple(_limit(*row) for row in limits.rows), {row[0]: row[1] for row in tiers.rows}, raises)


def _limit(kind: str, amount: int, number: int, *scope: Any) -> Bound:
    return Bound(Kind(kind), amount, Origin.SHOP, number, Scope(**dict(zip(NARROWED_BY, scope, strict=True))))


def of_the_shop(situation: Situation, standing: Standing) -> list[Bound]:
    return [bound for bound in standing.limits if bound.scope.covers(situation)]
