"""A sale that no wallet pays: cash, card and code alone. The ledger keeps stored value and knows nothing of it; the drawer does."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import models, slips, tenders
from chuzhi.payments.counter.tenders import Tender
from chuzhi.till import baskets, receipts, returns
from chuzhi.till.bills import Bill
from chuzhi.till.errors import AmountOrGoods, ReceiptUnknown
from chuzhi.till.goods import Goods
from chuzhi.till.models import Basket, Sale, SaleLine
from chuzhi.till.returns import NOTHING, Asked, Returned, Split
from chuzhi.till.tickets import Line
from chuzhi.wallets import counters, moves, spending

BOOK = slips.NO_BOOK
MARK = "S-"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is handed to whoever paid. Minor units of `currency`; less than nothing for what was given back."""

    number: str
    code: str
    currency: str
    total: int
    lines: tuple[Line, ...]
    tenders: tuple[tuple[str, int], ...]
    at: datetime
    store: str
    till: str
    staff: str
    served_by: str
    basket: int
    is_copy: bool


def sell(*, basket: Basket, bill: Bill, paid: list[Tender], key: str, by: Actor, till: int | None) -> str:
    """Write the sale of a basket that is locked for payment, and give its number. The key is the basket's, which is paid once."""
    require(by, baskets.CHARGE)
    if no := counters.objection(basket.store_id, till, by):
        raise no
    given = tenders.checked(paid)
    if any(each.method is Method.CASH for each in given) and (no := counters.cash_objection(basket.store_id, till)):
        raise no
    at = timezone.now()
    with tenders.claimed(given, book=BOOK, key_hash=slips.key_of_sale(basket.pk), by=by):
        Sale.objects.create(
            book=BOOK, seq=basket.pk, wallet=None, store=basket.store_id, till=till, amount=bill.total, paid=0, reference="",
            actor=by.label, sold_at=at, served_by=basket.served_by, basket=basket.pk,
        )  # fmt: skip
        SaleLine.objects.bulk_create(
            SaleLine(
                book=BOOK, seq=basket.pk, line=number, sku=line.sku, name=line.name, quantity=line.quantity, amount=line.amount,
                product=line.product, category=line.category, price=line.price, discount=line.discount,
            )
            for number, line in enumerate((each.sold for each in bill.lines), start=1)
        )  # fmt: skip
        models.Tender.objects.bulk_create(
            models.Tender(
                book=BOOK, seq=basket.pk, place=place, method=int(each.method), amount=each.amount, currency=basket.currency,
                store=basket.store_id, till=till, reference=each.reference, made_by=by.label, made_at=at,
            )
            for place, each in enumerate(given, start=1)
        )  # fmt: skip
    audit.record("basket.sold", f"basket:{basket.pk}", by=by, amount=bill.total, currency=basket.currency, key=key)
    return f"{MARK}{basket.pk}"


@transaction.atomic(durable=True)
def take_back(
    *, number: str, goods: Goods = NOTHING, amount: int | None = None, reason: str, key: str, by: Actor, till: int | None = None
) -> Returned:
    """Give `amount`, or what was paid for the `goods`, back out of the drawer and by the terminal. Asking twice does it once.

    Raises ReceiptUnknown, AmountOrGoods, what `goods` are not in the sale any more, RefundTooLarge, and what stands against cash.
    """
    require(by, spending.REFUND)
    if (amount is None) == (not goods):
        raise AmountOrGoods
    if (found := _basket(number, by)) is None or found.operations[:1] != [number]:
        raise ReceiptUnknown
    basket = Basket.objects.select_for_update().get(pk=found.pk)
    if no := counters.objection(basket.store_id, till, by):
        raise no
    asked = Asked(
        book=BOOK, seq=basket.pk, currency=basket.currency, amount=amount, goods=goods, reason=moves.reason(reason), key=key,
        by=by, store=basket.store_id, till=till,
    )  # fmt: skip
    if known := asked.earlier():
        return Returned(number, returns.told(known), None, replayed=True)
    parts, worth = asked.shares(left(basket))
    returns.write(asked, parts, worth, refund=None)
    audit.record("basket.returned", f"basket:{basket.pk}", by=by, amount=parts.amount, currency=basket.currency)
    return Returned(number, parts, None, replayed=False)


def left(basket: Basket) -> Split:
    """What of its sale can still be given back."""
    return Split(0, tuple(tenders.left(BOOK, basket.pk)))


def of(*, number: str, actor: Actor, is_copy: bool = False) -> Receipt:
    """The receipt of a sale in a store of the actor's. Raises ReceiptUnknown."""
    basket = _basket(number, actor)
    sale = Sale.objects.filter(book=BOOK, seq=basket.pk).first() if basket else None
    if basket is None or sale is None:
        raise ReceiptUnknown
    return Receipt(
        number=number,
        code=_code(number, sale),
        currency=basket.currency,
        total=sale.amount,
        lines=receipts.lines_of(sale),
        tenders=receipts.tenders_of(sale),
        at=sale.sold_at,
        store=receipts.name_of(Store, sale.store),
        till=receipts.name_of(Till, sale.till),
        staff=receipts.name_of_staff(sale.actor),
        served_by=receipts.name_of_staff(f"staff:{sale.served_by}") if sale.served_by else "",
        basket=basket.pk,
        is_copy=is_copy,
    )


def find(*, code: str, actor: Actor) -> Receipt:
    """The receipt that a printed code belongs to. One answer for a wrong code, an unknown number and one not to be seen."""
    number, _dash, _letters = code.strip().upper().rpartition("-")
    receipt = of(number=number, actor=actor, is_copy=True)
    if not hmac.compare_digest(receipt.code.encode(), code.strip().upper().encode()):
        raise ReceiptUnknown
    return receipt


def is_number(text: str) -> bool:
    return text.startswith(MARK)


def _basket(number: str, actor: Actor) -> Basket | None:
    digits = number.removeprefix(MARK)
    if not is_number(number) or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    found = Basket.objects.select_related("store").filter(pk=int(digits)).first()
    return found if found and actor.works_in(found.store_id) else None


def _code(number: str, sale: Sale) -> str:
    return f"{number}-{receipts.seal((sale.seq, sale.amount, sale.store, sale.sold_at.isoformat()))}"
