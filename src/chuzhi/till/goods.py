"""The lines of a sale that can still come back: how much of each, and what of its price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from chuzhi.catalogue.rules import THOUSAND, quantity_of, quantity_text
from chuzhi.ledger.rules.returning import in_proportion
from chuzhi.till.errors import NotInSale, NotThatMany
from chuzhi.till.models import ReturnedLine, SaleLine
from chuzhi.till.tickets import Line

Goods = Mapping[int, int]
"""Thousandths of lines of a sale, by their number."""


@dataclass(frozen=True, slots=True)
class Out:
    """One line of a sale: of `sold` thousandths `quantity` is still with the customer, who paid `amount` minor units for it."""

    line: int
    name: str
    unit: str
    sold: int
    quantity: int
    amount: int

    @property
    def back(self) -> int:
        return self.sold - self.quantity

    def said(self, quantity: int) -> str:
        """As it stands on a receipt: `2`, `0.35 kg`."""
        return f"{quantity_text(quantity)} {self.unit}".strip()

    def worth(self, quantity: int) -> int:
        """What goes back for so much of it: its share of what was paid, discount included; the last of it closes to zero.

        Raises NotThatMany.
        """
        if not 0 < quantity <= self.quantity:
            raise NotThatMany(name=self.name, left=self.said(self.quantity))
        return in_proportion(self.amount, [quantity, self.quantity - quantity])[0]


def out(book: int, seq: int) -> list[Out]:
    """The lines of the sale that was charged there. What has no number for a quantity can come back as a whole only."""
    rows = ReturnedLine.objects.filter(came_back__book=book, came_back__seq=seq).values("line")
    back = {row["line"]: row for row in rows.annotate(all=Sum("quantity"), paid=Sum("amount"))}
    nothing = {"all": 0, "paid": 0}
    found = []
    for sold in SaleLine.objects.filter(book=book, seq=seq).order_by("line"):
        quantity, unit = measured(sold.quantity)
        gone = back.get(sold.line, nothing)
        found.append(Out(sold.line, sold.name, unit, quantity, quantity - gone["all"], sold.amount - gone["paid"]))
    return found


def measured(said: str) -> tuple[int, str]:
    """Thousandths and the unit of what a receipt says: `0.35 kg`."""
    number, _space, unit = said.partition(" ")
    quantity = quantity_of(number)
    return (quantity, unit) if quantity else (THOUSAND, "")


def priced(lines: Sequence[Out], goods: Goods) -> dict[int, int]:
    """What each of the goods is worth. Raises NotInSale, NotThatMany."""
    known = {each.line: each for each in lines}
    if missing := set(goods) - set(known):
        raise NotInSale(line=min(missing))
    return {line: known[line].worth(quantity) for line, quantity in goods.items()}


def of_return(book: int, refund: int) -> tuple[Line, ...]:
    """The goods of the return whose wallet's part is the refund there, as its receipt has them."""
    rows = list(ReturnedLine.objects.filter(came_back__book=book, came_back__refund=refund).select_related("came_back"))
    if not rows:
        return ()
    sold = {each.line: each for each in out(book, rows[0].came_back.seq)}
    return tuple(Line(sold[row.line].name, row.amount, sold[row.line].said(row.quantity)) for row in rows)
