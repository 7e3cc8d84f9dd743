"""Products on sale, for tests of the till."""

import itertools

import cast
from chuzhi.catalogue import categories, products
from chuzhi.catalogue.models import Category, Product
from chuzhi.catalogue.products import Described, Priced

_numbers = itertools.count(1)


def product(price: int, name: str = "红烧牛肉面", *, gold: int | None = None, **more: object) -> Product:
    """Something that costs so much in yuan, and customers of level gold perhaps less."""
    prices = [Priced(amount=price, currency="CNY")]
    prices += [Priced(amount=gold, currency="CNY", level="gold")] if gold else []
    values: dict[str, object] = {"sku": f"P-{next(_numbers)}", "name": name, "prices": prices} | more
    return products.add(described=Described(**values), by=cast.OWNER)  # type: ignore[arg-type]  # any fact of a product


def category(name: str, parent: Category | None = None) -> Category:
    return categories.add(name=name, parent=parent, by=cast.OWNER)
