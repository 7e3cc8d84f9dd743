from dataclasses import replace

import pytest

import cast
from chuzhi.catalogue import categories, products
from chuzhi.catalogue.errors import (
    BarcodeTaken,
    CategoryTaken,
    CategoryTooDeep,
    PricesUnusable,
    ProductUnusable,
    SkuTaken,
)
from chuzhi.catalogue.models import Product
from chuzhi.catalogue.products import Described, Priced
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused

pytestmark = pytest.mark.django_db

NOODLES = Described(
    sku="NOODLE-7", name="红烧牛肉面", barcode="6901234567892", unit="碗",
    prices=[Priced(amount=28_00, currency="CNY"), Priced(amount=25_00, currency="CNY", level="gold")],
)  # fmt: skip


def found(typed: str) -> list[str]:
    return [one.sku for one in products.matching(products.visible_to(cast.OWNER), typed).order_by("sku")]


@pytest.mark.parametrize(
    "typed", ["红烧", "hongshao", "hsnrm", "nrm", "noodle", "NOODLE-7", "6901234567892", "６９０１２３４５６７８９２"]
)
def test_a_product_is_found_by_what_people_type(typed: str) -> None:
    products.add(described=NOODLES, by=cast.OWNER)

    assert found(typed) == ["NOODLE-7"]
    assert found("rice") == []


def test_a_scan_finds_only_what_is_on_sale() -> None:
    made = products.add(described=NOODLES, by=cast.OWNER)
    assert products.scanned("6901234567892") == products.scanned("noodle-7") == made

    products.change(product=made, described=replace(NOODLES, is_active=False), by=cast.OWNER)

    assert products.scanned("6901234567892") is None
    assert products.scanned("") is None


def test_a_level_pays_the_lower_price() -> None:
    made = products.add(described=NOODLES, by=cast.OWNER)

    assert products.prices([made.pk], "CNY") == {made.pk: 28_00}
    assert products.prices([made.pk], "CNY", {"gold", "silver"}) == {made.pk: 25_00}
    assert products.prices([made.pk], "USD") == {}


def test_a_number_and_a_barcode_are_those_of_one_product() -> None:
    products.add(described=NOODLES, by=cast.OWNER)

    with pytest.raises(SkuTaken):
        products.add(described=replace(NOODLES, barcode=""), by=cast.OWNER)
    with pytest.raises(BarcodeTaken):
        products.add(described=replace(NOODLES, sku="NOODLE-8"), by=cast.OWNER)

    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", "a b"),
        ("name", " "),
        ("barcode", "<x>"),
        ("kind", "animal"),
        ("unit", "x" * 13),
        ("visits", "haircut"),
    ],
)
def test_what_cannot_be_kept_is_named(field: str, value: str) -> None:
    with pytest.raises(ProductUnusable) as no:
        products.add(described=replace(NOODLES, **{field: value}), by=cast.OWNER)

    assert no.value.facts["field"] == field
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "prices",
    [
        [],
        [Priced(amount=1, currency="CNY", level="gold")],
        [Priced(amount=1, currency="CNY"), Priced(amount=2, currency="CNY")],
        [Priced(amount=1, currency="CNY"), Priced(amount=2, currency="USD", level="gold")],
        [Priced(amount=0, currency="CNY")],
        [Priced(amount=1, currency="XXZ")],
    ],
)
def test_prices_that_leave_a_question_are_refused(prices: list[Priced]) -> None:
    with pytest.raises(Refused):
        products.add(described=replace(NOODLES, prices=prices), by=cast.OWNER)

    with pytest.raises(PricesUnusable):
        products.add(described=replace(NOODLES, prices=[]), by=cast.OWNER)
    assert not Product.objects.exists()


def test_a_change_is_recorded_with_its_prices_and_none_is_not() -> None:
    made = products.add(described=NOODLES, by=cast.OWNER)

    products.change(product=made, described=NOODLES, by=cast.OWNER)
    products.change(product=made, described=replace(NOODLES, prices=[Priced(amount=30_00, currency="CNY")]), by=cast.OWNER)

    entry = AuditEntry.objects.get(action="product.changed")
    assert entry.facts["prices"] == {"CNY": 30_00}
    assert products.prices([made.pk], "CNY", {"gold"}) == {made.pk: 30_00}


def test_categories_have_two_levels_and_each_name_once() -> None:
    food = categories.add(name="主食", by=cast.OWNER)
    noodles = categories.add(name="面食", parent=food, by=cast.OWNER)

    with pytest.raises(CategoryTooDeep):
        categories.add(name="拉面", parent=noodles, by=cast.OWNER)
    with pytest.raises(CategoryTooDeep):
        categories.change(category=food, name="主食", parent=categories.add(name="菜", by=cast.OWNER), by=cast.OWNER)
    with pytest.raises(CategoryTaken):
        categories.add(name="主食", by=cast.OWNER)

    assert [shelf.path for shelf in categories.shelves()] == ["主食", "主食 / 面食", "菜"]
    assert categories.is_within(noodles.pk, {food.pk})
    assert not categories.is_within(food.pk, {noodles.pk})
    assert not categories.is_within(None, {food.pk})


def test_a_cashier_looks_and_changes_nothing(cashier: Actor, stranger: Actor) -> None:
    products.add(described=NOODLES, by=cast.OWNER)

    with pytest.raises(Refused):
        products.add(described=replace(NOODLES, sku="X", barcode=""), by=cashier)
    with pytest.raises(Refused):
        categories.add(name="菜", by=cashier)

    assert products.visible_to(cashier).count() == 1
    assert products.visible_to(stranger).count() == 0
