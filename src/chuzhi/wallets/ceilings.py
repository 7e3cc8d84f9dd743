"""The ceilings of one top-up: from the programme's terms, the pack of the store, the shop's limits, and raises.

What is of one operation or one balance, the ledger enforces with the operation. What adds up several wallets, methods or
channels is looked at here, under the lock of the book: all wallets of a customer are in one book. (Those of records that were
merged into this customer may be in others: what is paid into them is counted, but nothing is sold into them any more.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.packs import reading, rules
from chuzhi.core.packs.errors import PackRefused
from chuzhi.core.packs.rules import Load
from chuzhi.core.remembered import Remembered
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import LedgerRefused, OverBalanceLimit, OverDayLimit, OverTransactionLimit
from chuzhi.ledger.operations import TopUp
from chuzhi.limits import bounds
from chuzhi.limits.bounds import Standing
from chuzhi.limits.rules import CHANNELS, Bound, Kind, Origin, Situation, after_raises, strictest
from chuzhi.organization.models import Store
from chuzhi.wallets import moves, queries
from chuzhi.wallets.errors import OverRollingLimit
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.rules import Terms

_CODES = {OverBalanceLimit.code: Kind.HELD, OverTransactionLimit.code: Kind.AT_ONCE, OverDayLimit.code: Kind.A_DAY}


@dataclass(frozen=True, slots=True)
class Ceilings:
    """All that applies in a situation, raises included."""

    wallet: Wallet
    programme: Known
    situation: Situation
    bounds: tuple[Bound, ...]

    def decisive(self, kind: Kind) -> Bound | None:
        return strictest(self.bounds, kind)

    @property
    def of_the_ledger_s_day(self) -> Bound | None:
        """The day's limit of the terms, which the ledger counts for each wallet."""
        return next((bound for bound in self.bounds if bound.kind is Kind.A_DAY and not bound.is_total), None)

    @property
    def totals(self) -> list[Bound]:
        return [bound for bound in self.bounds if bound.is_total]

    def applied_to(self, asked: TopUp) -> TopUp:
        """The operation with the ceilings that the ledger can hold by itself."""
        return replace(
            asked,
            channel=self.situation.channel,
            most_at_once=_amount(self.decisive(Kind.AT_ONCE)),
            most_held=_amount(self.decisive(Kind.HELD)),
            most_a_day=_amount(self.of_the_ledger_s_day),
        )


def of(
    wallet: Wallet, *, store: int | None, by: Actor | None = None, method: Method | None = None, channel: str = "",
    standing: Standing | None = None,
) -> Ceilings:  # fmt: skip
    """For a top-up of a wallet in a store; without method or channel, what applies to all of them.

    `standing` is what was read for many top-ups of this asset, this one's customer among them.
    """
    programme, today = moves.programme_of(wallet), timezone.localdate()
    standing = standing or bounds.read([wallet.customer_id], programme.asset_code, today)
    situation = Situation(
        asset=programme.asset_code,
        customer=wallet.customer_id,
        tier=standing.tiers.get(wallet.customer_id, ""),
        channel=channel or (CHANNELS[by.kind] if by else ""),
        method=method.name.lower() if method else "",
        holder=rules.NAMED if wallet.customer_id else rules.BEARER,
        pack=pack_of(store),
    )
    of_the_shop = bounds.of_the_shop(situation, standing)
    found = [*bounds.of_the_law(situation, today), *_of_the_terms(programme.terms()), *of_the_shop]
    return Ceilings(wallet, programme, situation, tuple(after_raises(found, standing.raises.get(wallet.customer_id, ()))))


def pack_of(store: int | None) -> str:
    """The pack of a store; of no store, and of one that is not there, the one that forbids least."""
    chosen = packs(None).get(store or 0, reading.NONE)
    return chosen if chosen in reading.packs() else reading.NONE


def objection(ceilings: Ceilings, amount: int) -> Refused | None:
    """What the law says against the way of paying, and against value that would end, whatever the balance is."""
    situation, pack, today = ceilings.situation, reading.pack(ceilings.situation.pack), timezone.localdate()
    load = Load(
        holder=situation.holder,
        currency=situation.asset,
        held=0,
        coming=0,
        paid=amount,
        in_cash=situation.method == Method.CASH.name.lower(),
        is_identified=situation.customer is not None,
        in_virtual_currency=situation.method == Method.CRYPTO.name.lower(),
    )
    broken = rules.objections_to_load(pack, load, today)
    if ceilings.programme.kind == "money":
        days = ceilings.programme.terms().principal_valid_days
        broken += filter(None, [rules.to_expiry(pack, holder=situation.holder, valid_days=days, on=today)])
    return PackRefused(broken[0]) if broken else None


def foreseen(ceilings: Ceilings, amount: int, *, held: int, coming: int) -> Refused | None:
    """What will be refused, known before the customer's money is taken. The ledger still has the last word."""
    reached = {Kind.AT_ONCE: amount, Kind.HELD: held + coming}
    for kind, figure in reached.items():
        bound = ceilings.decisive(kind)
        if bound is not None and figure > bound.amount:
            refused = OverTransactionLimit if kind is Kind.AT_ONCE else OverBalanceLimit
            return told(_in_money(refused(limit=bound.amount), ceilings), ceilings)
    day = ceilings.of_the_ledger_s_day
    used, _charged = journal.used(ceilings.wallet.book, ceilings.wallet.pk, timezone.localdate()) if day else (0, 0)
    if day is not None and used + amount > day.amount:
        return _in_money(OverDayLimit(limit=day.amount, used=used), ceilings)
    return objection(ceilings, amount) or over_totals(ceilings, amount)


def over_totals(ceilings: Ceilings, amount: int, *, now: datetime | None = None) -> Refused | None:
    """The total that this amount would break. Whoever must be sure holds the lock of the book."""
    now = now or timezone.now()
    for bound in sorted(ceilings.totals, key=lambda each: each.amount):
        used = used_of(ceilings, bound, now)
        if used + amount > bound.amount:
            return _over(ceilings, bound, used)
    return None


def used_of(ceilings: Ceilings, bound: Bound, now: datetime) -> int:
    """What counts against a total so far."""
    wallet, situation = ceilings.wallet, ceilings.situation
    since = now - timedelta(hours=24) if bound.kind is Kind.ROLLING else _midnight(timezone.localdate(now))
    is_of_one = bound.is_of_one_card or not situation.customer
    method = Method[situation.method.upper()] if bound.scope.method else None
    return sum(
        journal.topped_up(book, mine, ceilings.programme.asset, since, method=method, channel=bound.scope.channel)
        for book, mine in ([(wallet.book, [wallet.pk])] if is_of_one else queries.by_book(situation.customer or 0))
    )


def told(no: LedgerRefused, ceilings: Ceilings) -> Refused:
    """The ledger's no, or, where the ceiling is the law's, the rule itself."""
    kind = _CODES.get(no.code)
    bound = ceilings.decisive(kind) if kind else None
    if bound is None or bound.rule is None or bound.amount != no.facts.get("limit"):
        return no
    named = PackRefused(bound.rule)
    named.is_replayed = no.is_replayed
    return named


def _over(ceilings: Ceilings, bound: Bound, used: int) -> Refused:
    if bound.rule is not None:
        return PackRefused(bound.rule)
    refused = OverRollingLimit if bound.kind is Kind.ROLLING else OverDayLimit
    return _in_money(refused(limit=bound.amount, used=used), ceilings)


def _in_money(no: LedgerRefused, ceilings: Ceilings) -> LedgerRefused:
    """Its sentence tells amounts in the programme's currency."""
    if ceilings.programme.kind == "money":
        no.currency = partial(str, ceilings.situation.asset)
    return no


def _of_the_terms(terms: Terms) -> list[Bound]:
    own: Mapping[Kind, int | None] = {
        Kind.AT_ONCE: terms.most_per_top_up,
        Kind.A_DAY: terms.most_topped_up_a_day,
        Kind.HELD: terms.most_held,
    }
    return [Bound(kind, amount, Origin.TERMS, terms.version) for kind, amount in own.items() if amount is not None]


def _amount(bound: Bound | None) -> int | None:
    return bound.amount if bound else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, shop_zone())


def _look_up(_all: None) -> Mapping[int, str]:
    return dict(Store.objects.values_list("pk", "pack"))


packs: Remembered[None, Mapping[int, str]] = Remembered(_look_up)
"""The pack of every store, by its number."""
