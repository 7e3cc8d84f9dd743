from http import HTTPStatus

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.api.pages import Limit
from chuzhi.catalogue import categories, products
from chuzhi.catalogue.errors import CategoryUnknown, ProductUnknown
from chuzhi.catalogue.models import Category, Price, Product
from chuzhi.catalogue.products import MOST_MONTHS, MOST_PRICES, Described, Priced

router = Router(tags=["Products"])


class ProductPriceIn(Asked):
    amount: Amount = Field(description="What one unit costs, in minor units", examples=[2800])
    currency: str = Field("CNY", pattern="^[A-Z]{3}$")
    level: str = Field("", pattern="^[0-9A-Za-z_.-]{0,40}$", description="Of a customer; empty: for everybody")


class ProductIn(Asked):
    """The whole of a product: what is not given is as here, not as it was before."""

    sku: str = Field(min_length=1, max_length=40, examples=["NOODLE-7"])
    name: str = Field(min_length=1, max_length=80, examples=["红烧牛肉面"])
    prices: list[ProductPriceIn] = Field(min_length=1, max_length=MOST_PRICES)
    barcode: str = Field("", max_length=40, examples=["6901234567892"])
    category: Id | None = Field(None, examples=[None])
    kind: str = Field("goods", pattern="^(goods|service)$")
    unit: str = Field("", max_length=12, examples=["碗"])
    is_weighed: bool = False
    visits: str = Field("", pattern="^[a-z0-9-]{0,32}$", description="The service of the count cards that may pay for it")
    months: int = Field(0, ge=0, le=MOST_MONTHS, description="One of it prolongs the buyer's membership by so many; 0: none")
    is_active: bool = True


class ProductPriceOut(Schema):
    amount: int = Field(examples=[2800])
    currency: str = Field(examples=["CNY"])
    level: str = Field(examples=[""])


class ProductOut(Schema):
    id: str = Field(examples=["7"])
    sku: str = Field(examples=["NOODLE-7"])
    name: str = Field(examples=["红烧牛肉面"])
    barcode: str
    category: str | None
    kind: str = Field(description="`goods` or `service`", examples=["goods"])
    unit: str
    is_weighed: bool
    visits: str
    months: int = Field(description="Of a membership; 0: it is none", examples=[0])
    is_active: bool
    prices: list[ProductPriceOut]


class ProductList(Schema):
    items: list[ProductOut]
    next_cursor: str | None


class CategoryIn(Asked):
    name: str = Field(min_length=1, max_length=60, examples=["面食"])
    parent: Id | None = Field(None, examples=[None])


class CategoryOut(Schema):
    id: str = Field(examples=["3"])
    path: str = Field(description="With the name of the one it is in", examples=["主食 / 面食"])
    parent: str | None = Field(examples=["1"])


class CategoryList(Schema):
    items: list[CategoryOut]


@router.get(
    "/products", auth=KeyAuth("catalogue:read"), response=ProductList, operation_id="listProducts", summary="List products"
)
def list_products(
    request: ApiRequest, find: str = "", limit: Limit = pages.USUAL, cursor: str | None = None
) -> dict[str, object]:
    """By id, those not on sale too. `find`: the beginning of a name, its pinyin or a number, or a whole barcode."""
    found = products.matching(_all(request), find).order_by("pk")
    rows = list(found.filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return {"items": [_out(row) for row in rows[:limit]], "next_cursor": following}


@router.post(
    "/products",
    auth=KeyAuth("catalogue:write"),
    response={201: ProductOut},
    operation_id="createProduct",
    summary="Add a product",
)
def create_product(request: ApiRequest, asked: ProductIn) -> HttpResponse:
    """Its number is its own, so sent twice it is there once.

    Refusals: `product.sku_taken`, `product.barcode_taken`, `product.prices_unusable`, `product.unusable`, `category.unknown`,
    `currency.unknown`.
    """
    made = products.add(described=_described(asked), by=request.auth)
    return answers.respond(_out(made), HTTPStatus.CREATED)


@router.get(
    "/products/{product}",
    auth=KeyAuth("catalogue:read"),
    response=ProductOut,
    operation_id="getProduct",
    summary="One product",
)
def get_product(request: ApiRequest, product: str) -> dict[str, object]:
    """Refusals: `product.unknown`."""
    return _out(named_product(request, product))


@router.post(
    "/products/{product}",
    auth=KeyAuth("catalogue:write"),
    response=ProductOut,
    operation_id="changeProduct",
    summary="Change a product",
)
def change_product(request: ApiRequest, product: str, asked: ProductIn) -> dict[str, object]:
    """All of it anew. Sales keep the name and price they were made at. Refusals: as of adding one."""
    found = named_product(request, product)
    return _out(products.change(product=found, described=_described(asked), by=request.auth))


@router.get(
    "/categories",
    auth=KeyAuth("catalogue:read"),
    response=CategoryList,
    operation_id="listCategories",
    summary="List categories",
)
def list_categories(request: ApiRequest) -> dict[str, object]:
    """Each followed by its parts. There are two levels."""
    return {"items": [_shelf(shelf.id, shelf.path, shelf.parent) for shelf in categories.shelves()]}


@router.post(
    "/categories",
    auth=KeyAuth("catalogue:write"),
    response={201: CategoryOut},
    operation_id="createCategory",
    summary="Add a category",
)
def create_category(request: ApiRequest, asked: CategoryIn) -> HttpResponse:
    """Refusals: `category.taken`, `category.too_deep`, `category.unknown`, `product.unusable`."""
    made = categories.add(name=asked.name, parent=_category(asked.parent), by=request.auth)
    return answers.respond(_shelf(made.pk, made.path, made.parent_id), HTTPStatus.CREATED)


def named_product(request: ApiRequest, given: str) -> Product:
    number = named.number(given)
    found = None if number is None else _all(request).filter(pk=number).first()
    if found is None:
        raise ProductUnknown
    return found


def named_product_of(given: str) -> Product:
    """For whoever may sell it, and need not be one who may look at the whole catalogue."""
    found = Product.objects.filter(pk=int(given)).first()
    if found is None:
        raise ProductUnknown
    return found


def _all(request: ApiRequest) -> QuerySet[Product]:
    return products.visible_to(request.auth).prefetch_related(Prefetch("prices", Price.objects.order_by("currency", "level")))


def _category(given: str | None) -> Category | None:
    if given is None:
        return None
    found = Category.objects.filter(pk=int(given)).first()
    if found is None:
        raise CategoryUnknown
    return found


def _described(asked: ProductIn) -> Described:
    return Described(
        sku=asked.sku, name=asked.name, barcode=asked.barcode, category=_category(asked.category), kind=asked.kind,
        unit=asked.unit, is_weighed=asked.is_weighed, visits=asked.visits, months=asked.months, is_active=asked.is_active,
        prices=[Priced(amount=each.amount, currency=each.currency, level=each.level) for each in asked.prices],
    )  # fmt: skip


def _shelf(number: int, path: str, parent: int | None) -> dict[str, object]:
    return {"id": str(number), "path": path, "parent": str(parent) if parent else None}


def _out(product: Product) -> dict[str, object]:
    return {
        "id": str(product.pk),
        "sku": product.sku,
        "name": product.name,
        "barcode": product.barcode,
        "category": str(product.category_id) if product.category_id else None,
        "kind": product.kind,
        "unit": product.unit,
        "is_weighed": product.is_weighed,
        "visits": product.visits,
        "months": product.months,
        "is_active": product.is_active,
        "prices": [{"amount": row.amount, "currency": row.currency, "level": row.level} for row in product.prices.all()],
    }
