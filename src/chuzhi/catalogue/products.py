"""Products and their prices: kept by whoever may, found by whatever is typed or scanned."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from chuzhi.catalogue.errors import BarcodeTaken, PricesUnusable, ProductUnusable, SkuTaken
from chuzhi.catalogue.models import Category, Price, Product
from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.customers import names
from chuzhi.customers.errors import NameInvalid
from chuzhi.organization import twins
from chuzhi.organization.authority import require

VIEW = "catalogue.view"
MANAGE = "catalogue.manage"
MOST_PRICES, MOST_MONTHS = 50, 120
_CODE = re.compile(r"[0-9A-Za-z._/-]{1,40}")
_VISITS = re.compile(r"[a-z0-9-]{1,32}")
_LEVEL = re.compile(r"[0-9A-Za-z_.-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What one unit costs in a currency, for a level of customer or (no level) for everybody. Minor units."""

    amount: int
    currency: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is kept of a product. `visits` is the service of the count cards that may pay for it; `months` of a membership."""

    sku: str
    name: str
    prices: Sequence[Priced]
    barcode: str = ""
    category: Category | None = None
    kind: str = Product.Kind.GOODS
    unit: str = ""
    is_weighed: bool = False
    visits: str = ""
    months: int = 0
    is_active: bool = True


@transaction.atomic
def add(*, described: Described, by: Actor) -> Product:
    require(by, MANAGE)
    made = Product(**checked(described))
    _save(made)
    _set_prices(made, described.prices)
    audit.record("product.added", _subject(made), by=by, sku=made.sku, prices=told(described.prices))
    return made


@transaction.atomic
def change(*, product: Product, described: Described, by: Actor) -> Product:
    """All of it anew. What was sold keeps the name and the price that it was sold at."""
    require(by, MANAGE)
    values, prices = checked(described), told(described.prices)
    with connection.cursor() as cursor:  # a file of products that is being taken in is waited for before a row is held
        cursor.execute("LOCK TABLE product IN ROW EXCLUSIVE MODE")
    product = Product.objects.select_for_update().get(pk=product.pk)
    changed = {field: value for field, value in values.items() if getattr(product, field) != value and field != "keys"}
    if not changed and prices == told(_prices_of(product)):
        return product
    for field, value in values.items():
        setattr(product, field, value)
    _save(product)
    _set_prices(product, described.prices)
    facts = {field: value.pk if isinstance(value, Category) else value for field, value in changed.items()}
    audit.record("product.changed", _subject(product), by=by, sku=product.sku, **facts | {"prices": prices})
    return product


def described(product: Product) -> Described:
    """As it is."""
    return Described(
        sku=product.sku, name=product.name, prices=_prices_of(product), barcode=product.barcode, category=product.category,
        kind=product.kind, unit=product.unit, is_weighed=product.is_weighed, visits=product.visits, months=product.months,
        is_active=product.is_active,
    )  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Product]:
    """Those sold no more, too."""
    return Product.objects.select_related("category__parent") if actor.may(VIEW) else Product.objects.none()


def matching(among: QuerySet[Product], typed: str) -> QuerySet[Product]:
    """By the beginning of a name or its pinyin or initials, of a number, or by a whole barcode."""
    text = code_of(typed)
    if not text:
        return among
    folded = names.fold(text)
    named = Q(keys__begins=folded) if folded else Q()
    return among.filter(Q(sku__istartswith=text) | Q(barcode=text) | named)


def scanned(typed: str) -> Product | None:
    """The active product that has exactly this barcode or number."""
    text = code_of(typed)
    found = Product.objects.filter(Q(barcode=text) | Q(sku__iexact=text), is_active=True) if text else Product.objects.none()
    return found.order_by("pk").first()


def prices(found: Iterable[int], currency: str, levels: Collection[str] = ()) -> Mapping[int, int]:
    """What a unit of each product costs whoever has these levels: the lowest that is theirs. A product without one is left out."""
    rows = Price.objects.filter(product__in=list(found), currency=currency, level__in=["", *levels])
    cheapest: dict[int, int] = {}
    for product, amount in rows.values_list("product", "amount"):
        cheapest[product] = min(amount, cheapest.get(product, amount))
    return cheapest


def categories_of(numbers: Iterable[str]) -> Mapping[str, int | None]:
    """By the products' own numbers (sku)."""
    wanted = set(numbers)
    return dict(Product.objects.filter(sku__in=wanted).values_list("sku", "category")) if wanted else {}


def code_of(given: str) -> str:
    """A number or barcode, by whatever keyboard or scanner it was written."""
    return unicodedata.normalize("NFKC", given).replace("\x00", "").strip()[:100]


def checked(described: Described) -> dict[str, object]:
    """The row without its prices, or ProductUnusable by the name of what is wrong, or PricesUnusable."""
    sku, barcode = code_of(described.sku), code_of(described.barcode)
    unit, visits = " ".join(described.unit.split()), described.visits.strip()
    try:
        name = names.clean(described.name)
    except NameInvalid:
        raise ProductUnusable(field="name") from None
    is_service = described.kind == Product.Kind.SERVICE and not described.is_weighed
    for field, is_fine in (
        ("sku", _CODE.fullmatch(sku)),
        ("barcode", not barcode or _CODE.fullmatch(barcode)),
        ("kind", described.kind in Product.Kind.values),
        ("unit", len(unit) <= 12 and unit.isprintable()),
        ("visits", not visits or (is_service and _VISITS.fullmatch(visits))),
        ("months", described.months == 0 or (is_service and not visits and 0 < described.months <= MOST_MONTHS)),
    ):
        if not is_fine:
            raise ProductUnusable(field=field)
    _check_prices(described.prices)
    return {
        "sku": sku, "barcode": barcode, "name": name, "keys": names.spell(name).keys, "category": described.category,
        "kind": str(described.kind), "unit": unit, "is_weighed": described.is_weighed, "visits": visits,
        "months": described.months, "is_active": described.is_active,
    }  # fmt: skip


def _check_prices(prices: Sequence[Priced]) -> None:
    places = [(each.currency, each.level) for each in prices]
    for each in prices:
        money.exponent(each.currency)
        money.check(each.amount)
        if each.level and not _LEVEL.fullmatch(each.level):
            raise ProductUnusable(field="level")
    ordinary = {currency for currency, level in places if not level}
    if not 0 < len(prices) <= MOST_PRICES or len(set(places)) < len(places) or {one for one, _level in places} != ordinary:
        raise PricesUnusable


def _save(product: Product) -> None:
    """The barcode is looked at first, so that it and the number have each a sentence of their own."""
    others = Product.objects.exclude(pk=product.pk)
    if product.barcode and others.filter(barcode=product.barcode).exists():
        raise BarcodeTaken(barcode=product.barcode)
    with twins.refused(SkuTaken(sku=product.sku)):
        product.save()


def _set_prices(product: Product, prices: Sequence[Priced]) -> None:
    product.prices.all().delete()
    Price.objects.bulk_create(as_rows(product, prices))


def as_rows(product: Product, prices: Iterable[Priced]) -> list[Price]:
    return [Price(product=product, currency=each.currency, level=each.level, amount=each.amount) for each in prices]


def _prices_of(product: Product) -> list[Priced]:
    rows = sorted(product.prices.all(), key=lambda row: row.pk)
    return [Priced(amount=row.amount, currency=row.currency, level=row.level) for row in rows]


def told(prices: Iterable[Priced]) -> dict[str, int]:
    return {" ".join(filter(None, (each.currency, each.level))): each.amount for each in prices}


def _subject(product: Product) -> str:
    return f"product:{product.pk}"
