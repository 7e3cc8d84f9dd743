"""The record of a sale: where, by whom, of what, paid from which lots, the balance before and after, and what came back of it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chuzhi.core.actors import Actor
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.ledger.queries import Entry
from chuzhi.till import goods, receipts
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.goods import Out
from chuzhi.till.models import Basket, Sale, SaleReturn
from chuzhi.till.receipts import Receipt
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet

READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Used:
    """What one lot paid, in minor units. `terms` are those it was sold under."""

    lot: int
    bucket: Bucket
    amount: int
    granted_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Back:
    """What came back of a sale at one time. No operation: all of it went to the other tenders."""

    amount: int
    to_wallet: int
    at: datetime
    by: str
    reason: str
    operation: str


@dataclass(frozen=True, slots=True)
class Record:
    receipt: Receipt
    seq: int
    sale: Sale | None
    actor: str
    used: tuple[Used, ...]
    backs: tuple[Back, ...]
    out: tuple[Out, ...]
    """Its lines as far as they have not come back."""
    with_it: tuple[str, ...]
    """The other operations of the same basket: visits, change that was kept."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A line of a customer's trail. `amount` is the whole sale's, `paid` what the wallet paid."""

    operation: str
    wallet: Wallet
    at: datetime
    store: int | None
    till: int | None
    actor: str
    amount: int
    paid: int


def of(*, operation: str, actor: Actor) -> Record:
    """If the actor may see its wallet. Raises ReceiptUnknown."""
    receipt = receipts.of(operation=operation, actor=actor)
    found = queries.wallet_of(operation, actor)
    if found is None or receipt.kind not in {Kind.CHARGE, Kind.CAPTURE}:
        raise ReceiptUnknown
    wallet, entry = found
    outcome = entry.outcome
    basket = Basket.objects.filter(pk=receipt.basket).first() if receipt.basket else None
    return Record(
        receipt=receipt,
        seq=outcome.seq,
        sale=Sale.objects.filter(book=outcome.book, seq=outcome.seq).first(),
        actor=entry.actor,
        used=_used(wallet, entry),
        backs=_backs(wallet, outcome.seq),
        out=tuple(goods.out(outcome.book, outcome.seq)),
        with_it=tuple(each for each in basket.operations if each != operation) if basket else (),
    )


def trail(
    *,
    wallets: list[Wallet],
    store: int | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    limit: int,
) -> list[Visit]:
    """What was bought with these wallets, the latest first: in one store or in all, between two moments."""
    found = (
        (wallet, entry)
        for wallet, entry in heapq.merge(*map(_charges, wallets), key=lambda each: each[1].effective_at, reverse=True)
        if (store is None or entry.store == store)
        and (since is None or entry.effective_at >= since)
        and (before is None or entry.effective_at < before)
    )
    some = list(islice(found, limit))
    sales = {(sale.book, sale.seq): sale for wallet in wallets for sale in _sales(wallet, [e for w, e in some if w is wallet])}
    return [_visit(wallet, entry, sales.get((entry.outcome.book, entry.outcome.seq))) for wallet, entry in some]


def _visit(wallet: Wallet, entry: Entry, sale: Sale | None) -> Visit:
    outcome = entry.outcome
    return Visit(
        moves.operation_id(outcome.book, outcome.seq), wallet, entry.effective_at, entry.store, entry.till, entry.actor,
        sale.amount if sale else outcome.amount, outcome.amount,
    )  # fmt: skip


def _charges(wallet: Wallet) -> Iterator[tuple[Wallet, Entry]]:
    """What was taken from a wallet and not refused, newest first, read piece by piece."""
    before: int | None = None
    while some := queries.entries(wallet, before=before, limit=READ_AT_ONCE):
        yield from (
            (wallet, entry)
            for entry in some
            if entry.outcome.kind in {Kind.CHARGE, Kind.CAPTURE} and entry.outcome.refusal is None
        )
        if len(some) < READ_AT_ONCE:
            return
        before = some[-1].outcome.seq


def _sales(wallet: Wallet, entries: list[Entry]) -> list[Sale]:
    return list(Sale.objects.filter(book=wallet.book, seq__in=[entry.outcome.seq for entry in entries]))


def _used(wallet: Wallet, entry: Entry) -> tuple[Used, ...]:
    taken = [leg for leg in entry.outcome.legs if leg.amount < 0 and leg.bucket != Bucket.DEBT]
    lots = journal.lots_numbered(wallet.book, wallet.pk, [leg.lot for leg in taken])
    return tuple(
        Used(leg.lot, leg.bucket, -leg.amount, lots[leg.lot].granted_at, lots[leg.lot].expires_at)
        for leg in taken
        if leg.lot in lots
    )


def _backs(wallet: Wallet, seq: int) -> tuple[Back, ...]:
    """By refunds in the journal; of a sale that was paid in part otherwise, by its returns."""
    made = list(SaleReturn.objects.filter(book=wallet.book, seq=seq).order_by("made_at", "pk"))
    of_returns = {each.refund for each in made}
    backs = [
        Back(
            each.amount, each.to_wallet, each.made_at, each.made_by, each.reason,
            moves.operation_id(wallet.book, each.refund) if each.refund else "",
        )
        for each in made
    ]  # fmt: skip
    for entry in journal.answering(wallet.book, wallet.pk, seq):
        outcome = entry.outcome
        if outcome.kind is Kind.REFUND and outcome.refusal is None and outcome.seq not in of_returns:
            said = receipts.reason_of(entry)
            number = moves.operation_id(outcome.book, outcome.seq)
            backs.append(Back(outcome.amount, outcome.amount, entry.effective_at, entry.actor, said, number))
    return tuple(sorted(backs, key=lambda each: each.at))
