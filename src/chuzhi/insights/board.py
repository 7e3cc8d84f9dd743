"""The business at a glance: what customers hold, what today brought and took, what waits, and whether the books are in order.

Whoever works in some stores sees what went through those, and nothing of what belongs to the business as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from chuzhi.approvals import queries as approvals
from chuzhi.core.actors import Actor
from chuzhi.insights import journal, rules
from chuzhi.insights.journal import Move, Wanted
from chuzhi.insights.rules import Flow, Held, Sums
from chuzhi.ledger import assets, heads, verifications
from chuzhi.ledger.chart import Kind
from chuzhi.payments import queries as payments
from chuzhi.payments.bank import queries as bank
from chuzhi.topups import queries as orders
from chuzhi.wallets import queries as wallets

VIEW = "board.view"
USUAL_DAYS, LONGEST_DAYS = 30, 92
LARGEST = 6
VERDICT_IS_OLD_AFTER = timedelta(hours=36)
HEADS_ARE_OLD_AFTER = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Float:
    """What all customers hold of one asset, how today changed it, and day by day since the chosen one (its end first)."""

    asset: str
    now: Held
    today: Held
    days: Sequence[tuple[date, Held]]

    @property
    def since(self) -> Held:
        return self.now - self.days[0][1]


@dataclass(frozen=True, slots=True)
class Today:
    """What went through the wallets of one asset since midnight. A store is None where there is none."""

    asset: str
    sums: Sums
    by_store: dict[int | None, Sums]
    by_channel: dict[str, Sums]
    by_method: dict[int, Sums]
    by_hour: dict[int, Sums]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of it waits for somebody; None: this person would not see it."""

    stuck_orders: int | None
    incidents: int | None
    unmatched: int | None
    approvals: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the verifier said last, and when heads were last signed; None: never."""

    at: datetime
    verified_at: datetime | None
    wrong: int
    operations: int
    signed_at: datetime | None

    @property
    def age(self) -> float:
        """Of the verdict, in seconds."""
        return (self.at - self.verified_at).total_seconds() if self.verified_at else 0

    @property
    def heads_age(self) -> float:
        return (self.at - self.signed_at).total_seconds() if self.signed_at else 0

    @property
    def verdict_is_old(self) -> bool:
        return self.verified_at is None or self.at - self.verified_at > VERDICT_IS_OLD_AFTER

    @property
    def heads_are_old(self) -> bool:
        return self.signed_at is None or self.at - self.signed_at > HEADS_ARE_OLD_AFTER


@dataclass(frozen=True, slots=True)
class Changed:
    """How the float of one asset went: opening + changes = closing."""

    asset: str
    opening: Held
    closing: Held
    by_kind: dict[Kind, Held]


@dataclass(frozen=True, slots=True)
class Board:
    at: datetime
    day: date
    since: date
    floats: Sequence[Float]
    today: Sequence[Today]
    largest: Sequence[Move]
    waiting: Waiting
    proof: Proof


def usual_since() -> date:
    return journal.today() - timedelta(days=USUAL_DAYS)


def of(actor: Actor, *, since: date | None = None) -> Board:
    """As it is now. `since` is the day, of the last ones, with whose end the float is compared."""
    now, day = timezone.now(), journal.today()
    since = min(max(since or usual_since(), day - timedelta(days=LONGEST_DAYS)), day - timedelta(days=1))
    is_everywhere = actor.stores is None
    flows = [flow for flow in journal.flows(day, day) if is_everywhere or flow.store in (actor.stores or ())]
    return Board(
        at=now, day=day, since=since,
        floats=_floats(since, day) if is_everywhere else [],
        today=[_today(asset, [flow for flow in flows if flow.asset == asset]) for asset in _busiest(flows)],
        largest=journal.largest(Wanted(first=day, last=day, stores=actor.stores), LARGEST),
        waiting=_waiting(actor),
        proof=proof(),
    )  # fmt: skip


def changed(first: date, last: date) -> list[Changed]:
    """Of each asset, from the beginning of one day to the end of another."""
    found = journal.changes((first, journal.today()))
    later = rules.together((each for each in found if each.day > last), lambda each: each.asset)
    within = [each for each in found if each.day <= last]
    moved = rules.together(within, lambda each: each.asset)
    closing = {asset: now - later.get(asset, Held()) for asset, now in journal.held().items()}
    return [
        Changed(
            assets.code(asset), held - moved.get(asset, Held()), held,
            rules.together((each for each in within if each.asset == asset), lambda each: each.kind),
        )
        for asset, held in closing.items()
    ]  # fmt: skip


def _floats(since: date, day: date) -> list[Float]:
    fresh = journal.changes((day, day))
    past = journal.past_changes((since + timedelta(days=1), day - timedelta(days=1)))
    days = [since + timedelta(days=number) for number in range((day - since).days + 1)]
    by_asset = rules.together([*past, *fresh], lambda each: (each.asset, each.day))
    return [
        Float(
            assets.code(asset), now, by_asset.get((asset, day), Held()),
            rules.line(now, {on: held for (of, on), held in by_asset.items() if of == asset}, days),
        )
        for asset, now in journal.held().items()
    ]  # fmt: skip


def _busiest(flows: Sequence[Flow]) -> list[int]:
    return list(dict.fromkeys(rules.summed(flows, lambda flow: flow.asset)))


def _today(asset: int, flows: Sequence[Flow]) -> Today:
    return Today(
        assets.code(asset), rules.summed(flows, lambda _flow: asset)[asset],
        rules.summed(flows, lambda flow: flow.store), rules.summed(flows, lambda flow: flow.channel),
        rules.summed((flow for flow in flows if flow.method), lambda flow: flow.method),
        rules.summed(flows, lambda flow: flow.hour),
    )  # fmt: skip


def _waiting(actor: Actor) -> Waiting:
    return Waiting(
        orders.stuck(orders.visible_to(actor)).count() if actor.may(wallets.VIEW) else None,
        payments.incidents(actor).count() if actor.may(payments.VIEW) else None,
        bank.cases(actor).count() if actor.may(bank.VIEW) and actor.stores is None else None,
        approvals.waiting_for(actor).count() if actor.may(approvals.VIEW) else None,
    )


def proof() -> Proof:
    now, verdict, signed_at = timezone.now(), verifications.latest(), heads.exported_at()
    if verdict is None:
        return Proof(now, None, 0, 0, signed_at)
    return Proof(now, verdict.at, verdict.wrong, verdict.operations, signed_at)
