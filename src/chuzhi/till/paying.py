"""A basket is paid: from a wallet, by visits, in cash, by card, by a code; change may stay in the wallet. All or nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db import transaction

from chuzhi.approvals import authority
from chuzhi.catalogue.rules import THOUSAND
from chuzhi.core import remembered
from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger.chart import Method
from chuzhi.payments.counter.slips import Slip
from chuzhi.payments.counter.tenders import Tender
from chuzhi.till import baskets, memberships, sales, walkins
from chuzhi.till.bills import Bill, BillLine
from chuzhi.till.errors import (
    BasketEmpty,
    BasketIsOver,
    BasketPaid,
    DiscountTooLarge,
    NothingByCode,
    NotSold,
    NoVisits,
    NoWalletPays,
    PaidTooLittle,
    PaidTooMuch,
)
from chuzhi.till.models import Basket
from chuzhi.till.tickets import Line
from chuzhi.wallets import funding, moves
from chuzhi.wallets.models import Programme, Wallet

NOBODY = frozenset[str]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How a basket is to be paid. Minor units; of cash what was handed over, which may be more than is to be paid.

    `visits` are lines that a count card pays for, each with the wallet of that card. What is left of it is the wallet's.
    """

    wallet: Wallet | None = None
    cash: int = 0
    keeps_change: bool = False
    """Change is not handed out: it is topped up."""
    card: int = 0
    slip: Slip | None = None
    code: int = 0
    """By the code on the payer's phone: `till.codes` asks for it, and sells when it is paid."""
    visits: Mapping[int, Wallet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who wants a basket paid, how, and under which key. `from_wallet` None: what is left; `levels` are those of whoever pays."""

    means: Means
    key: str
    by: Actor
    till: int | None = None
    from_wallet: int | None = None
    levels: frozenset[str] = NOBODY


@dataclass(frozen=True, slots=True)
class Split:
    """Who pays what of a basket, to the cent. `change` goes back in cash, or with `kept` into the wallet."""

    bill: Bill
    by_visits: tuple[tuple[BillLine, Wallet], ...]
    from_wallet: int
    cash: int
    card: int
    code: int
    change: int

    @property
    def total(self) -> int:
        """What is paid in money."""
        return self.from_wallet + self.cash + self.card + self.code


@dataclass(frozen=True, slots=True)
class Paid:
    """What paying came to: the operations, the one of the money first, then visits, then the change that was kept."""

    basket: Basket
    operations: tuple[str, ...]
    replayed: bool

    @property
    def id(self) -> str:
        return self.operations[0]


def split(bill: Bill, means: Means, *, from_wallet: int | None = None) -> Split:
    """Without a word of how much, the wallet pays what is left after cash, card and code. Raises what is wrong with it."""
    if not bill.lines:
        raise BasketEmpty
    by_visits = tuple((line, _card_for(line, means.visits)) for line in bill.lines if line.id in means.visits)
    due = bill.without(means.visits).total - means.card - means.code
    if due < 0:
        raise PaidTooMuch(left=-due)
    if from_wallet is None:
        from_wallet = max(0, due - means.cash) if means.wallet else 0
    if means.wallet is None and (from_wallet or means.keeps_change):
        raise NoWalletPays
    rest = due - from_wallet
    if rest < 0:
        raise PaidTooMuch(left=-rest)
    if rest > means.cash:
        raise PaidTooLittle(left=rest - means.cash)
    return Split(bill, by_visits, from_wallet, rest, means.card, means.code, means.cash - rest)


def rest_by_code(bill: Bill, means: Means, *, from_wallet: int | None = None) -> Means:
    """The same, and the code pays all that is left. Raises NothingByCode where that is nothing."""
    code = bill.without(means.visits).total - means.card - means.cash - (from_wallet or 0)
    if code <= 0:
        raise NothingByCode
    return replace(means, code=code)


def pay(
    *,
    basket: Basket,
    means: Means,
    key: str,
    by: Actor,
    till: int | None = None,
    from_wallet: int | None = None,
    levels: frozenset[str] = NOBODY,
) -> Paid:
    """Sell what is in the basket. Asking twice with one key sells once; every price comes from the catalogue.

    Raises what `split` raises, what the wallet, its limits and its scope object to, and a discount that is too large for `by`.
    """
    with transaction.atomic(durable=True), remembered.unchanged_here():
        basket = baskets.locked_for_payment(basket, by)
        if basket.state == Basket.State.PAID:
            return _paid_before(basket, key, by)
        if basket.state != Basket.State.OPEN:
            raise BasketIsOver(state=Basket.State(basket.state).label)
        return settle(basket, Asked(means=means, key=key, by=by, till=till, from_wallet=from_wallet, levels=levels))


def settle(basket: Basket, asked: Asked, by_code: Tender | None = None) -> Paid:
    """The same for a basket that is locked for payment, in the caller's transaction. `by_code` is paid already."""
    bill, means = baskets.bill_of(basket, asked.levels), asked.means
    if unsold := bill.unsold:
        no = DiscountTooLarge(name=unsold.product.name) if unsold.price else None
        raise no or NotSold(name=unsold.product.name, currency=basket.currency)
    memberships.check(bill, means.wallet)
    parts = split(bill, means, from_wallet=asked.from_wallet)
    if parts.code != (by_code.amount if by_code else 0):
        raise ValueError("What a code pays is asked for before it is sold.")
    with _discounted(basket, bill, asked):
        done = _sell(basket, parts, asked, by_code)
    basket.state, basket.till, basket.wallet = Basket.State.PAID, asked.till, means.wallet.pk if means.wallet else None
    basket.paid_for, basket.operations = f"{asked.by.label}:{asked.key}", done
    basket.save(update_fields=["state", "till", "wallet", "paid_for", "operations"])
    return Paid(basket, tuple(basket.operations), replayed=False)


def _sell(basket: Basket, parts: Split, asked: Asked, by_code: Tender | None) -> list[str]:
    """One charge of each wallet that pays, under one lock of all their books; what was done."""
    means, key, by, till = asked.means, asked.key, asked.by, asked.till
    posting.lock(*sorted({each.book for each in (means.wallet, *means.visits.values()) if each is not None}))
    common = {"store": basket.store_id, "till": till, "by": by, "served_by": basket.served_by, "basket": basket.pk}
    done: list[str] = []
    if parts.total:
        bill = parts.bill.without(means.visits)
        paid = [Tender(method=Method.CASH, amount=parts.cash)] if parts.cash else []
        paid += [Tender(method=Method.TERMINAL, amount=parts.card, slip=means.slip)] if parts.card else []
        paid += [by_code] if by_code else []
        if means.wallet is None:
            done.append(walkins.sell(basket=basket, bill=bill, paid=paid, key=key, by=by, till=till))
        else:
            lines = [line.sold for line in bill.lines]
            sold = sales.complete(wallet=means.wallet, amount=parts.total, lines=lines, paid_otherwise=paid, key=key, **common)  # type: ignore[arg-type]  # of many types
            memberships.write(bill, wallet=means.wallet, seq=sold.seq)
            done.append(sold.id)
    for line, card in parts.by_visits:
        visits = line.quantity // THOUSAND
        used = [Line(line.product.name, visits, line.said[:20], line.product.sku, line.product.pk, line.product.category_id)]
        done.append(sales.complete(wallet=card, amount=visits, lines=used, key=f"{key}:{line.id}", **common).id)  # type: ignore[arg-type]  # of many types
    if means.keeps_change and parts.change and means.wallet:
        change = {"amount": parts.change, "method": Method.CASH, "key": f"{key}:change", "reference": done[0]}
        done.append(funding.top_up(wallet=means.wallet, store=basket.store_id, till=till, by=by, **change).id)  # type: ignore[arg-type]  # of many types
    return done


@contextmanager
def _discounted(basket: Basket, bill: Bill, asked: Asked) -> Iterator[None]:
    """Pay inside: what was taken off counts towards what this person may give in a day, unless a second person signed it."""
    if bill.discount <= basket.allowed_discount:
        yield
        return
    about = f"basket:{basket.pk}"
    with authority.counted(baskets.DISCOUNT, bill.discount, by=asked.by, about=about, key=asked.key) as objection:
        if objection:
            raise objection
        yield


def _card_for(line: BillLine, visits: Mapping[int, Wallet]) -> Wallet:
    """The count card that pays for a line. Raises NoVisits if it is one of another service."""
    card, product = visits[line.id], line.product
    programme = moves.programme_of(card)
    if programme.kind != Programme.Kind.VISITS or programme.asset_code != f"VISITS:{product.visits}" or line.discount:
        raise NoVisits(name=product.name)
    return card


def _paid_before(basket: Basket, key: str, by: Actor) -> Paid:
    if basket.paid_for != f"{by.label}:{key}":
        raise BasketPaid(operation=basket.operations[0])
    return Paid(basket, tuple(basket.operations), replayed=True)
