"""A wallet's purchases with what became of each, put to the rules of the pack and the terms that each was sold under."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from chuzhi.core.packs import reading
from chuzhi.core.packs.rules import Pack, Topic
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.ledger.queries import Entry, LotLine
from chuzhi.refunds import rules
from chuzhi.refunds.rules import Cause, Owed, Purchase
from chuzhi.wallets import ceilings, moves
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.programmes import Known

SPENDING = (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND)
ELSEWHERE = (Kind.TRANSFER_OUT, Kind.ADJUSTMENT, Kind.TAKE_BACK)
TO_THE_PAYER = (Kind.DISPUTE_END,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the ledger cannot know. Amounts are money in minor units; empty `top_ups` are all of them."""

    cause: Cause = Cause.CUSTOMER
    had_it_before: bool = False
    gifts: int = 0
    list_extra: int = 0
    unit_price: int = 0
    list_price: int = 0
    is_time_card: bool = False
    top_ups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """One top-up: where and under which terms it was sold, what became of it, and what it comes to."""

    entry: Entry
    terms: int | None
    """The version that was accepted."""
    pack: Pack
    purchase: Purchase
    owed: Owed

    @property
    def top_up(self) -> int:
        return self.entry.outcome.seq


@dataclass(frozen=True, slots=True)
class Calculation:
    """All of a wallet that can be asked back, newest first. `other` units were not bought here: given or moved in."""

    wallet: Wallet
    currency: str
    asked_on: date
    parts: tuple[Part, ...]
    other: int

    @property
    def amount(self) -> int:
        return rules.together([part.owed for part in self.parts])

    @property
    def owing(self) -> list[Part]:
        """Those that anything is paid for: the others stay as they are."""
        return [part for part in self.parts if part.owed.amount]


def calculate(wallet: Wallet, said: Circumstances, *, store: int | None = None) -> Calculation:
    """What would be paid back today. `store` stands in where a top-up has none, as one that was imported."""
    programme, today = moves.programme_of(wallet), timezone.localdate()
    lots = [lot for lot in journal.lots(wallet.book, wallet.pk, only_open=False) if lot.asset == programme.asset]
    went = journal.went(wallet.book, wallet.pk)
    bought = _top_ups(wallet, lots)
    parts: list[Part] = []
    gifts = said.gifts
    for entry in bought:
        if said.top_ups and entry.outcome.seq not in said.top_ups:
            continue
        purchase = _purchase(wallet, entry, lots, went, said)
        if not purchase.left:
            continue
        newest = not parts
        part = _part(entry, programme, lots, replace(purchase, list_extra=said.list_extra if newest else 0), said, today, store)
        if gifts:
            charged = min(gifts, part.owed.amount) if part.owed.amount else 0
            part = _part(entry, programme, lots, replace(part.purchase, gifts=charged or gifts), said, today, store)
            gifts -= charged
        parts.append(part)
    seqs = {entry.outcome.seq for entry in bought}
    now = timezone.now()
    other = sum(
        lot.remaining - lot.held
        for lot in lots
        if lot.made_by not in seqs and lot.bucket != Bucket.DEBT and not lot.has_expired(now)
    )
    currency = programme.asset_code if programme.kind == "money" else (parts[0].pack.currency if parts else "") or "CNY"
    return Calculation(wallet, currency, today, tuple(parts), other)


def due_on(parts: Iterable[Part], asked_on: date) -> date:
    """The soonest day that any of their packs asks for."""
    days = [rule.number for part in parts if (rule := part.pack.rule(Topic.REFUND_DUE_DAYS, asked_on))]
    return date.fromordinal(asked_on.toordinal() + min(days, default=0))


def _top_ups(wallet: Wallet, lots: Sequence[LotLine]) -> list[Entry]:
    """Those that made these lots, newest first."""
    seqs = sorted({lot.made_by for lot in lots}, reverse=True)
    found = (journal.operation(wallet.book, seq) for seq in seqs)
    return [entry for entry in found if entry is not None and entry.outcome.kind is Kind.TOP_UP]


def _purchase(
    wallet: Wallet, entry: Entry, lots: Sequence[LotLine], went: dict[tuple[int, Kind], int], said: Circumstances
) -> Purchase:
    mine = [lot for lot in lots if lot.made_by == entry.outcome.seq and lot.bucket != Bucket.DEBT]
    paid = [lot for lot in mine if lot.bucket == Bucket.PRINCIPAL]
    now, lapsed = timezone.now(), journal.lapsed(wallet.book, wallet.pk, timezone.now())
    bought = sum(lot.amount for lot in paid)
    purchase = Purchase(
        paid=entry.outcome.amount,
        bought=bought,
        given=sum(lot.amount for lot in mine) - bought,
        spent=max(0, _gone(mine, went, *SPENDING)),
        moved=max(0, _gone(mine, went, *ELSEWHERE)),
        left=sum(lot.remaining - lot.held + lapsed.get(lot.id, 0) for lot in mine if not lot.has_expired(now)),
        paid_on=timezone.localdate(entry.effective_at),
        debt_repaid=max(0, entry.outcome.amount - bought),
        given_back=_given_back(wallet, entry) + _gone(paid, went, *TO_THE_PAYER),
    )
    if said.unit_price:
        purchase = rules.priced(purchase, unit_price=said.unit_price, list_price=said.list_price or said.unit_price)
    return _with_days(purchase, mine, now.date()) if said.is_time_card else purchase


def _with_days(purchase: Purchase, lots: Sequence[LotLine], today: date) -> Purchase:
    """A time card runs from the day it was bought to the end of its lot."""
    ends = [timezone.localdate(lot.expires_at) for lot in lots if lot.expires_at]
    if not ends:
        return purchase
    whole = (max(ends) - purchase.paid_on).days
    return replace(purchase, days=max(1, whole), days_passed=max(0, (today - purchase.paid_on).days))


def _gone(lots: Iterable[LotLine], went: dict[tuple[int, Kind], int], *kinds: Kind) -> int:
    return sum(went.get((lot.id, kind), 0) for lot in lots for kind in kinds)


def _given_back(wallet: Wallet, entry: Entry) -> int:
    answers = journal.answering(wallet.book, wallet.pk, entry.outcome.seq)
    return sum(
        each.outcome.amount for each in answers if each.outcome.kind is Kind.TOP_UP_REFUND and each.outcome.refusal is None
    )


def _part(
    entry: Entry,
    programme: Known,
    lots: Sequence[LotLine],
    purchase: Purchase,
    said: Circumstances,
    today: date,
    store: int | None,
) -> Part:
    pack = reading.pack(ceilings.pack_of(entry.store or store))
    numbers = {lot.terms for lot in lots if lot.made_by == entry.outcome.seq}
    terms = next((terms.version for terms in programme.versions if terms.id in numbers), None)
    owed = rules.owed(purchase, pack=pack, cause=said.cause, asked_on=today, had_it_before=said.had_it_before)
    return Part(entry, terms, pack, purchase, owed)
