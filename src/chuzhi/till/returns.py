"""Goods come back: what was paid for them returns the way it came, to the wallet's lots and to each other tender."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import KeyReused, RefundTooLarge
from chuzhi.ledger.rules.returning import in_proportion
from chuzhi.organization.authority import require
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.tenders import Left
from chuzhi.till import code_refunds
from chuzhi.till import goods as goods_of
from chuzhi.till.errors import AmountOrGoods, SaleIsSplit
from chuzhi.till.goods import Goods
from chuzhi.till.models import ReturnedLine, SaleReturn
from chuzhi.wallets import counters, moves, spending
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

NOTHING: Goods = {}


@dataclass(frozen=True, slots=True)
class Split:
    """What goes back to the wallet, and of each tender. Minor units."""

    to_wallet: int
    tenders: tuple[Left, ...] = ()

    @property
    def amount(self) -> int:
        return self.to_wallet + sum(each.amount for each in self.tenders)


@dataclass(frozen=True, slots=True)
class Returned:
    """`moved` is what came back to the wallet: nothing of a cent that another tender's share rounds up to."""

    sale: str
    split: Split
    moved: Moved | None
    replayed: bool

    @property
    def id(self) -> str:
        """The operation that shows it: the wallet's refund, or else the sale."""
        return self.moved.id if self.moved else self.sale


def left(wallet: Wallet, charge: int) -> Split:
    """What of a sale, by the seq of its charge, can still be given back."""
    return Split(spending.refundable(wallet, charge), tuple(tenders.left(wallet.book, charge)))


def split(whole: Split, amount: int) -> Split:
    """The part of each in proportion to what it can still take, to the cent; the last return closes each to exactly zero.

    Raises RefundTooLarge.
    """
    if amount > whole.amount:
        raise RefundTooLarge(left=whole.amount)
    to_wallet, *others = in_proportion(amount, [whole.to_wallet, *(each.amount for each in whole.tenders)])
    return Split(to_wallet, tuple(replace(each, amount=part) for each, part in zip(whole.tenders, others, strict=True)))


def refuse_if_split(wallet: Wallet, charge: int) -> None:
    """For who would refund the charge alone."""
    if tenders.left(wallet.book, charge):
        raise SaleIsSplit


def give_back(
    *,
    wallet: Wallet,
    charge: int,
    amount: int | None = None,
    goods: Goods = NOTHING,
    reason: str,
    key: str,
    by: Actor,
    store: int | None = None,
    till: int | None = None,
) -> Returned:
    """Give `amount` of a sale (the seq of its charge) back, or what was paid for the `goods`, each part the way it came.

    Asking twice gives back once. Raises AmountOrGoods, what `goods` are not in the sale any more, RefundTooLarge, what the ledger
    refuses, and what stands against cash at this counter.
    """
    require(by, spending.REFUND)
    if (amount is None) == (not goods):
        raise AmountOrGoods
    if amount is not None and not tenders.left(wallet.book, charge):
        moved = spending.refund(
            wallet=wallet, charge=charge, amount=amount, reason=reason, key=key, by=by, store=store, till=till
        )
        return Returned(moves.operation_id(wallet.book, charge), Split(moved.outcome.amount), moved, moved.replayed)
    store = store if store is not None else moves.entry_of(wallet, charge).store or 0
    asked = Asked(
        book=wallet.book, seq=charge, currency=moves.programme_of(wallet).asset_code, amount=amount, goods=goods,
        reason=moves.reason(reason), key=key, by=by, store=store, till=till,
    )  # fmt: skip
    with transaction.atomic(durable=True):
        return _give_back(wallet, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A return of goods or of an amount of the sale at `book` and `seq`."""

    book: int
    seq: int
    currency: str
    amount: int | None
    goods: Goods
    reason: str
    key: str
    by: Actor
    store: int
    till: int | None

    @property
    def asked_for(self) -> str:
        return f"{self.by.label}:{self.key}"

    def earlier(self) -> SaleReturn | None:
        """What was done under the same key. Raises KeyReused if that was another return."""
        made = made_under(key=self.key, by=self.by)
        if made is None:
            return None
        done = {each.line: each.quantity for each in made.lines.all()}
        same = (made.book, made.seq, made.reason, done) == (self.book, self.seq, self.reason, dict(self.goods))
        if not same or self.amount not in {None, made.amount}:
            raise KeyReused
        return made

    def shares(self, whole: Split) -> tuple[Split, dict[int, int]]:
        """How it is split, and what each line of it is worth. Under the lock that `whole` was read under."""
        worth = goods_of.priced(goods_of.out(self.book, self.seq), self.goods)
        amount = sum(worth.values()) if self.amount is None else self.amount
        return split(whole, money.check(amount)), worth


def _give_back(wallet: Wallet, asked: Asked) -> Returned:
    """What is left is looked at and taken from under the lock of the book, so that two at once cannot both have it."""
    posting.lock(wallet.book)
    known = asked.earlier()
    parts, worth = (told(known), {}) if known else asked.shares(left(wallet, asked.seq))
    moved = None
    if parts.to_wallet:
        moved = spending.refund(
            wallet=wallet, charge=asked.seq, amount=parts.to_wallet, reason=asked.reason, key=asked.key, by=asked.by,
            store=asked.store, till=asked.till,
        )  # fmt: skip
    if known is None:
        if moved and moved.replayed:
            raise KeyReused
        write(asked, parts, worth, refund=moved.seq if moved else None)
    return Returned(moves.operation_id(wallet.book, asked.seq), parts, moved, replayed=known is not None)


def write(asked: Asked, parts: Split, worth: Mapping[int, int], *, refund: int | None) -> None:
    """What goes out of the drawer and by the terminal, the return and its goods. `refund` is the seq of the wallet's part."""
    at, by = timezone.now(), asked.by
    by_cash = any(part.amount and part.method is Method.CASH for part in parts.tenders)
    if by_cash and (no := counters.cash_objection(asked.store, asked.till)):
        raise no
    tenders.give_back(
        book=asked.book, seq=asked.seq, parts=parts.tenders, currency=asked.currency, store=asked.store, till=asked.till, by=by,
        at=at,
    )  # fmt: skip
    made = SaleReturn.objects.create(
        book=asked.book, seq=asked.seq, amount=parts.amount, to_wallet=parts.to_wallet, refund=refund, reason=asked.reason,
        asked_for=asked.asked_for, made_by=by.label, made_at=at,
    )  # fmt: skip
    ReturnedLine.objects.bulk_create(
        ReturnedLine(came_back=made, line=line, quantity=quantity, amount=worth[line]) for line, quantity in asked.goods.items()
    )
    code_refunds.of_return(made, parts.tenders, by=by)


def made_under(*, key: str, by: Actor) -> SaleReturn | None:
    """The return of goods that was made under this key, if there is one."""
    return SaleReturn.objects.filter(asked_for=f"{by.label}:{key}").first()


def told(made: SaleReturn) -> Split:
    """How a return that was made was split."""
    return Split(made.to_wallet, tuple(tenders.given_back(made.book, made.seq, made.made_at)))
