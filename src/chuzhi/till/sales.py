"""A sale paid from a wallet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chuzhi.catalogue import products
from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import KeyReused
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.errors import TendersUnusable
from chuzhi.payments.counter.tenders import Taken, Tender
from chuzhi.till.errors import (
    LinesDoNotAddUp,
    LineUnusable,
    NotAColleague,
    NothingFromWallet,
    TendersAndPartial,
    TooManyLines,
)
from chuzhi.till.tickets import Line, Ticket
from chuzhi.wallets import counters, moves, spending
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.scopes import Bought
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.spending import Purchase

MOST_LINES = 500


def complete(
    *,
    wallet: Wallet,
    amount: int,
    store: int,
    key: str,
    by: Actor,
    till: int | None = None,
    lines: Sequence[Line] = (),
    allow_partial: bool = False,
    paid_otherwise: Sequence[Tender] = (),
    reference: str = "",
    effective_at: datetime | None = None,
    served_by: int | None = None,
    basket: int | None = None,
    member: Member | None = None,
) -> Moved:
    """Charge the wallet and write the sale with its lines and the audit row, all or none. Asking twice sells once.

    `amount` is the whole sale's; the wallet pays what is not `paid_otherwise`. `member` spends from it, if not
    its holder. Not in a transaction of its own: on the web it shares the commit of whoever pays at the same moment.
    """
    ticket = _ticket(wallet, amount, store, till, reference, effective_at, lines, by)
    if member and member.categories:
        ticket = replace(ticket, lines=_shelved(ticket.lines))
    ticket = replace(ticket, served_by=_colleague(served_by, store), basket=basket)
    purchase = Purchase(
        wallet=wallet, amount=amount, store=store, till=till, allow_partial=allow_partial, reference=reference,
        effective_at=effective_at, key=key, bought=_bought(ticket.lines), documents=(ticket,),
        member=member,
    )  # fmt: skip
    if paid_otherwise:
        return _complete_split(purchase, ticket, tenders.checked(paid_otherwise), by)
    return spending.charge_for(purchase=purchase, by=by)


def _complete_split(purchase: Purchase, ticket: Ticket, otherwise: tuple[Tender, ...], by: Actor) -> Moved:
    """The wallet pays the rest of it, exactly. The same key with other tenders is another request."""
    require(by, spending.CHARGE)
    rest = purchase.amount - sum(each.amount for each in otherwise)
    if purchase.allow_partial:
        raise TendersAndPartial
    if rest <= 0:
        raise NothingFromWallet(otherwise=purchase.amount - rest, amount=purchase.amount)
    currency = assets.currency(moves.programme_of(purchase.wallet).asset)
    if not currency:
        raise TendersUnusable(most=tenders.MOST)
    purchase = replace(purchase, amount=rest, documents=(replace(ticket, taken=Taken(otherwise, currency)),))
    asked, objection = spending.asked_of(purchase, by)
    if objection is None and any(each.method is Method.CASH for each in otherwise):
        objection = counters.cash_objection(purchase.store, purchase.till)
    with tenders.claimed(otherwise, book=asked.book, key_hash=asked.key_hash(), by=by):
        moved = spending.carried_out(purchase, asked, objection)
    if moved.replayed and [(each.method, each.amount) for each in otherwise] != [
        (each.method, each.amount) for each in tenders.of(moved.book, moved.seq)
    ]:
        raise KeyReused
    return moved


def complete_many(*, baskets: Sequence[tuple[Purchase, Sequence[Line]]], by: Actor) -> list[Moved | Refused]:
    """Up to 500 sales, each done or refused alone; answers in the same order."""
    answers: dict[int, Moved | Refused] = {}
    ready: dict[int, Purchase] = {}
    for place, (purchase, lines) in enumerate(baskets):
        try:
            ready[place] = with_ticket(purchase, lines, by)
        except Refused as no:
            answers[place] = no
    answers |= zip(ready, spending.charge_many(purchases=list(ready.values()), by=by), strict=True)
    return [answers[place] for place in range(len(baskets))]


def with_ticket(purchase: Purchase, lines: Sequence[Line], by: Actor) -> Purchase:
    """The purchase with the sale that belongs to it; refuses lines that do not add up to it."""
    ticket = _ticket(
        purchase.wallet, purchase.amount, purchase.store, purchase.till, purchase.reference, purchase.effective_at, lines, by
    )
    return replace(purchase, bought=_bought(ticket.lines), documents=(*purchase.documents, ticket))


def _ticket(
    wallet: Wallet,
    amount: int,
    store: int,
    till: int | None,
    reference: str,
    sold_at: datetime | None,
    lines: Sequence[Line],
    by: Actor,
) -> Ticket:
    lines = _checked(lines, money.check(amount))
    if moves.programme_of(wallet).terms().categories:
        lines = _shelved(lines)
    return Ticket(wallet.pk, store, till, amount, moves.text(reference), by.label, sold_at, lines)


def _checked(lines: Sequence[Line], amount: int) -> tuple[Line, ...]:
    if len(lines) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    clean = tuple(_clean(number, line) for number, line in enumerate(lines, start=1))
    if clean and (total := sum(line.amount for line in clean)) != amount:
        raise LinesDoNotAddUp(lines=total, amount=amount)
    return clean


def _clean(number: int, line: Line) -> Line:
    name, sku, quantity = moves.text(line.name), moves.text(line.sku), moves.text(line.quantity)
    if not 0 < len(name) <= 120 or len(sku) > 60 or not 0 < len(quantity) <= 20:
        raise LineUnusable(line=number)
    return replace(line, name=name, amount=money.check(line.amount), quantity=quantity, sku=sku)


def _shelved(lines: Sequence[Line]) -> tuple[Line, ...]:
    """With the categories of the products that their numbers name: only for a wallet that is not good for everything."""
    shelves = products.categories_of(line.sku for line in lines if line.sku and line.product is None)
    return tuple(replace(line, category=shelves.get(line.sku, line.category)) for line in lines)


def _bought(lines: Sequence[Line]) -> Bought:
    return [(line.category, line.amount) for line in lines]


def _colleague(number: int | None, store: int) -> int | None:
    """Somebody else who served, if they work in the store."""
    if number is not None and number not in {one.pk for one in staff.working_in(store)}:
        raise NotAColleague
    return number
