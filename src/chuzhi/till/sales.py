"""A sale paid from a wallet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.till.errors import LinesDoNotAddUp, LineUnusable, TooManyLines
from chuzhi.till.tickets import Line, Ticket
from chuzhi.wallets import moves, spending
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
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
    reference: str = "",
    effective_at: datetime | None = None,
) -> Moved:
    """Charge the wallet and write the sale with its lines and the audit row, all or none. Asking twice sells once.

    Not in a transaction of its own: on the web it shares the commit of whoever pays at the same moment.
    """
    ticket = _ticket(wallet, amount, store, till, reference, effective_at, lines, by)
    purchase = Purchase(
        wallet=wallet, amount=amount, store=store, till=till, allow_partial=allow_partial, reference=reference,
        effective_at=effective_at, key=key, documents=(ticket,),
    )  # fmt: skip
    return spending.charge_for(purchase=purchase, by=by)


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
    return replace(purchase, documents=(*purchase.documents, ticket))


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
    return Line(name, money.check(line.amount), quantity, sku)
