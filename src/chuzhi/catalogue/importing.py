"""Products from the table of another system: first what each row would do, then all of it at once.

A row is of the product that has its number, or its barcode where the row has no number. Only what the file tells of is
changed, and of prices only the ordinary one: what customers of a level pay stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from chuzhi.catalogue import categories, columns, products
from chuzhi.catalogue.categories import Path
from chuzhi.catalogue.errors import (
    BarcodeTaken,
    ProductKeyMissing,
    ProductPriceMissing,
    ProductsTooMany,
    ProductTwice,
    ProductUnusable,
    StateUnclear,
)
from chuzhi.catalogue.models import Category, Price, Product
from chuzhi.catalogue.products import MANAGE, Described, Priced
from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import cells, sheets
from chuzhi.customers.headings import in_minor_units
from chuzhi.customers.sheets import Sheet
from chuzhi.organization.authority import require

MOST_ROWS = 20_000
AT_ONCE = 1_000
_ON_SALE = frozenset("启用 上架 在售 已上架 是 yes true 1 active enabled y".split())
_NOT_ON_SALE = frozenset("禁用 停用 下架 停售 已下架 否 no false 0 inactive disabled archived n".split())
AS_THE_HEADINGS_SAY: Mapping[str, str] = {}

Columns = Mapping[str, str]
"""Field -> heading."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a product will be, and where it will stand: perhaps on a shelf that is not there yet."""

    line: int
    described: Described
    path: Path
    product: Product | None
    values: Mapping[str, object]
    changes: Mapping[str, object]
    """Of a product that is here: field -> what it becomes."""

    @property
    def shelf(self) -> str:
        return " / ".join(self.path or categories.path_of(self.described.category))

    @property
    def price(self) -> int:
        return self.described.prices[-1].amount

    @property
    def price_before(self) -> int | None:
        """What it costs now, if that changes."""
        before = (
            products.told(products.described(self.product).prices).get(self.described.prices[-1].currency)
            if self.product
            else None
        )
        return None if before == self.price else before


@dataclass(frozen=True, slots=True)
class Rejected:
    line: int
    cells: tuple[str, ...]
    heading: str
    reason: Refused


@dataclass(frozen=True, slots=True)
class Plan:
    headings: Sequence[str]
    columns: Columns
    new: Sequence[Row]
    changed: Sequence[Row]
    same: int
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class _Here:
    """The products that the file is about, as they are, and what its prices are in."""

    by_sku: Mapping[str, Product]
    by_barcode: Mapping[str, Product]
    currency: str
    is_minor: bool


class _WrongError(Exception):
    def __init__(self, field: str, reason: Refused) -> None:
        super().__init__(field)
        self.field, self.reason = field, reason


def check(content: bytes, *, currency: str, by: Actor, chosen: Columns = AS_THE_HEADINGS_SAY) -> Plan:
    """What the file would do; nothing is written. `chosen` says of some fields which heading they stand under."""
    require(by, MANAGE)
    money.exponent(currency)
    sheet = sheets.read(content)
    if len(sheet.rows) > MOST_ROWS:
        raise ProductsTooMany(most=MOST_ROWS)
    places = columns.places(sheet.headings, chosen)
    here = _look_up(sheet, places, currency)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    seen: dict[tuple[str, str], int] = {}
    for line, found in sheet.rows:
        given = {field: cell for field in places if (cell := _cell(found, places, field))}
        try:
            row = _row(line, given, here)
            _refuse_twice(row, seen)
        except _WrongError as no:
            heading = sheet.headings[places[no.field]] if no.field in places else ""
            rejected.append(Rejected(line, found, heading, no.reason))
        else:
            rows.append(row)
    changed = [row for row in rows if row.product and row.changes]
    new = [row for row in rows if not row.product]
    meant = {field: sheet.headings[place] for field, place in places.items()}
    return Plan(sheet.headings, meant, new, changed, len(rows) - len(new) - len(changed), rejected)


@transaction.atomic
def take_in(content: bytes, *, currency: str, by: Actor, chosen: Columns = AS_THE_HEADINGS_SAY) -> Plan:
    """Do what `check` says now, all of it. Rows that it refuses are left out."""
    require(by, MANAGE)
    with connection.cursor() as cursor:  # nobody adds or changes a product between the looking and the writing
        cursor.execute("LOCK TABLE product IN SHARE ROW EXCLUSIVE MODE")
    plan = check(content, currency=currency, by=by, chosen=chosen)
    shelves = categories.put_up({row.path for row in _all(plan)}, by=by)
    added = Product.objects.bulk_create((_product_of(row, shelves) for row in plan.new), batch_size=AT_ONCE)
    changed = [_product_of(row, shelves) for row in plan.changed]
    if fields := {field for row in plan.changed for field in row.changes} - {"prices"}:
        Product.objects.bulk_update(changed, fields | {"keys"}, batch_size=AT_ONCE)
    Price.objects.filter(product__in=changed).delete()
    saved = list(zip(_all(plan), [*added, *changed], strict=True))
    prices = [price for row, product in saved for price in products.as_rows(product, row.described.prices)]
    Price.objects.bulk_create(prices, batch_size=AT_ONCE)
    audit.record_all((_act(row, product) for row, product in saved), by=by)
    return plan


def _all(plan: Plan) -> Sequence[Row]:
    return [*plan.new, *plan.changed]


def _product_of(row: Row, shelves: Mapping[Path, Category]) -> Product:
    """As it will be."""
    product = row.product or Product()
    for field, value in row.values.items():
        setattr(product, field, value)
    product.category = shelves.get(row.path, product.category)
    return product


def _act(row: Row, product: Product) -> tuple[str, str, dict[str, object]]:
    action = "product.changed" if row.product else "product.added"
    return action, f"product:{product.pk}", {"sku": product.sku, "prices": products.told(row.described.prices), **row.changes}


def _cell(found: Sequence[str], places: Mapping[str, int], field: str) -> str:
    text = cells.at(found, places, field)
    return products.code_of(text) if field in {"sku", "barcode"} else text


def _look_up(sheet: Sheet, places: Mapping[str, int], currency: str) -> _Here:
    skus, barcodes = ({_cell(found, places, field) for _line, found in sheet.rows} for field in ("sku", "barcode"))
    wanted = Q(sku__in=skus) | Q(barcode__in=barcodes - {""})
    known = list(Product.objects.filter(wanted).select_related("category__parent").prefetch_related("prices"))
    is_minor = "price" in places and in_minor_units(sheet.headings[places["price"]])
    return _Here({one.sku: one for one in known}, {one.barcode: one for one in known if one.barcode}, currency, is_minor)


def _row(line: int, given: Mapping[str, str], here: _Here) -> Row:
    product = _product(given, here)
    before = (
        products.described(product)
        if product
        else Described(sku=given.get("sku", given.get("barcode", "")), name="", prices=())
    )
    told: dict[str, Any] = {field: given[field] for field in ("name", "barcode", "unit") if field in given}
    if "state" in given:
        told["is_active"] = _is_on_sale(given["state"])
    described = replace(before, **told, prices=_prices(given, before.prices, here))
    path = _path(given.get("category", ""))
    try:
        values = products.checked(described)
    except ProductUnusable as no:
        raise _WrongError(str(no.facts["field"]), no) from None
    except Refused as no:
        raise _WrongError("price", no) from None
    changes = (
        {}
        if product is None
        else {name: values[name] for name in values if name != "keys" and getattr(product, name) != values[name]}
    )
    if product and products.told(described.prices) != products.told(before.prices):
        changes["prices"] = products.told(described.prices)
    if product and path and path != categories.path_of(product.category):
        changes["category"] = " / ".join(path)
    return Row(line, described, path, product, values, changes)


def _product(given: Mapping[str, str], here: _Here) -> Product | None:
    sku, barcode = given.get("sku", ""), given.get("barcode", "")
    if not sku and not barcode:
        raise _WrongError("sku", ProductKeyMissing())
    found, owner = here.by_sku.get(sku) if sku else here.by_barcode.get(barcode), here.by_barcode.get(barcode)
    if owner and owner != found:
        raise _WrongError("barcode", BarcodeTaken(barcode=barcode))
    return found


def _prices(given: Mapping[str, str], before: Sequence[Priced], here: _Here) -> Sequence[Priced]:
    """The one that the file tells of comes last."""
    ordinary = [one for one in before if one.currency == here.currency and not one.level]
    others = [one for one in before if one not in ordinary]
    try:
        amount = cells.amount(given.get("price", ""), here.currency, is_minor=here.is_minor)
    except Refused as no:
        raise _WrongError("price", no) from None
    if amount:
        return [*others, Priced(amount=amount, currency=here.currency)]
    if not ordinary:
        raise _WrongError("price", ProductPriceMissing())
    return [*others, *ordinary]


def _path(given: str) -> Path:
    try:
        return categories.read_path(given)
    except Refused as no:
        raise _WrongError("category", no) from None


def _is_on_sale(given: str) -> bool:
    word = given.casefold()
    if word not in _ON_SALE | _NOT_ON_SALE:
        raise _WrongError("state", StateUnclear(given=given[:40]))
    return word in _ON_SALE


def _refuse_twice(row: Row, seen: dict[tuple[str, str], int]) -> None:
    keys = [("sku", row.described.sku), ("barcode", row.described.barcode)]
    for field, key in keys:
        if key and (field, key) in seen:
            raise _WrongError(field, ProductTwice(line=seen[field, key]))
    seen.update(dict.fromkeys(keys, row.line))
