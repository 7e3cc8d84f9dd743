"""What a basket comes to, by the catalogue's prices of the moment."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chuzhi.catalogue import products
from chuzhi.catalogue.models import Product
from chuzhi.catalogue.rules import quantity_text, worth
from chuzhi.till.models import BasketLine
from chuzhi.till.tickets import Line


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: `amount` is what it costs with the discount off. No price: it cannot be sold any more."""

    id: int
    product: Product
    quantity: int
    price: int | None
    discount: int

    @property
    def gross(self) -> int:
        return 0 if self.price is None else worth(self.price, self.quantity)

    @property
    def amount(self) -> int:
        return self.gross - self.discount

    @property
    def number(self) -> str:
        """The quantity without its unit: `2`, `0.35`."""
        return quantity_text(self.quantity)

    @property
    def said(self) -> str:
        """The quantity as it stands on a receipt: `2`, `0.35 kg`."""
        return f"{self.number} {self.product.unit}".strip()

    @property
    def sold(self) -> Line:
        product = self.product
        return Line(
            product.name, self.amount, self.said[:20], product.sku, product.pk, product.category_id, self.price, self.discount
        )


@dataclass(frozen=True, slots=True)
class Bill:
    lines: tuple[BillLine, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def unsold(self) -> BillLine | None:
        """A line that cannot be sold as it stands, if any."""
        return next((line for line in self.lines if line.price is None or line.amount <= 0), None)

    def without(self, numbers: Collection[int]) -> "Bill":
        return Bill(tuple(line for line in self.lines if line.id not in numbers))


def of(lines: Iterable[BasketLine], currency: str, levels: Collection[str] = ()) -> Bill:
    """For a customer of these levels. What is not on sale any more has no price."""
    found = list(lines)
    prices = products.prices([line.product_id for line in found if line.product.is_active], currency, levels)
    return Bill(
        tuple(BillLine(line.pk, line.product, line.quantity, prices.get(line.product_id), line.discount) for line in found)
    )
