"""Products from the tables of other systems: what a row does, and that all of them do it at once or not at all."""

import pytest

import cast
import goods
from chuzhi.catalogue import categories, importing, products
from chuzhi.catalogue.columns import ProductColumnsMissing
from chuzhi.catalogue.importing import Plan
from chuzhi.catalogue.models import Category, Price, Product
from chuzhi.core.audit import AuditEntry
from chuzhi.core.money import UnknownCurrency
from chuzhi.customers.sheets import NothingInside
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db
POSPAL = """名称（必填）,分类（必填）,条码,主单位,进货价,销售价,会员价,商品状态
氨基酸洗发水,洗护/洗发,6901234567892,瓶,45,89,80,启用
散装白毫银针,茶叶,'0007,公斤,300,￥680.50,600,禁用
"""
ODOO = "Internal Reference,Name,Sales Price,Cost,Product Category\nTEA-1,Oolong,30.00,9.5,All / Drinks\n"
SQUARE = "Token,Item Name,SKU,GTIN,Categories,Price\nX1,Espresso,ESP-1,4006381333931,Coffee,3.50\n"


def bring(text: str, *, currency: str = "CNY", **more: object) -> Plan:
    return importing.take_in(text.encode(), currency=currency, by=cast.OWNER, **more)  # type: ignore[arg-type]  # as it takes


def check(text: str, **more: object) -> Plan:
    return importing.check(text.encode(), currency="CNY", by=cast.OWNER, **more)  # type: ignore[arg-type]  # as it takes


def priced() -> dict[str, list[tuple[str, str, int]]]:
    rows = Price.objects.order_by("product__sku", "level").values_list("product__sku", "currency", "level", "amount")
    return {sku: [row[1:] for row in rows if row[0] == sku] for sku in {row[0] for row in rows}}


def test_a_table_of_a_chinese_till_comes_in_with_its_shelves() -> None:
    plan = bring(POSPAL)

    assert (len(plan.new), len(plan.changed), plan.same, plan.rejected) == (2, 0, 0, [])
    shampoo, tea = Product.objects.order_by("-sku")
    assert (shampoo.sku, shampoo.barcode, shampoo.unit, shampoo.is_active) == ("6901234567892", "6901234567892", "瓶", True)
    assert categories.path_of(shampoo.category) == ("洗护", "洗发")
    assert (tea.sku, tea.is_active, categories.path_of(tea.category)) == ("0007", False, ("茶叶",))
    assert priced() == {"6901234567892": [("CNY", "", 89_00)], "0007": [("CNY", "", 680_50)]}
    assert products.scanned("6901234567892") == shampoo
    assert list(products.matching(products.visible_to(cast.OWNER), "ajs")) == [shampoo]


@pytest.mark.parametrize(
    ("text", "currency", "sku", "path", "amount"),
    [(ODOO, "CNY", "TEA-1", ("Drinks",), 30_00), (SQUARE, "USD", "ESP-1", ("Coffee",), 3_50)],
)
def test_tables_from_elsewhere(text: str, currency: str, sku: str, path: tuple[str, ...], amount: int) -> None:
    bring(text, currency=currency)

    made = Product.objects.get()
    assert (made.sku, categories.path_of(made.category)) == (sku, path)
    assert priced() == {sku: [(currency, "", amount)]}


def test_twice_it_changes_nothing_the_second_time() -> None:
    bring(POSPAL)
    told = AuditEntry.objects.count()

    again = bring(POSPAL)

    assert (again.new, again.changed, again.same) == ([], [], 2)
    assert AuditEntry.objects.count() == told


def test_only_what_the_file_tells_is_changed_and_what_a_level_pays_stays() -> None:
    shelf = goods.category("面食")
    noodles = goods.product(
        28_00, gold=25_00, sku="N-1", barcode="690", unit="碗", category=shelf, kind="service", visits="noodles"
    )

    plan = bring("商品编码,售价\nN-1,30\n")

    assert [row.changes for row in plan.changed] == [{"prices": {"CNY gold": 25_00, "CNY": 30_00}}]
    after = Product.objects.get()
    kept = ("sku", "barcode", "unit", "category", "kind", "visits", "name", "is_active")
    assert [getattr(after, field) for field in kept] == [getattr(noodles, field) for field in kept]
    assert priced() == {"N-1": [("CNY", "", 30_00), ("CNY", "gold", 25_00)]}
    entry = AuditEntry.objects.get(action="product.changed")
    assert (entry.subject, entry.facts["prices"]) == (f"product:{noodles.pk}", {"CNY gold": 25_00, "CNY": 30_00})


def test_a_row_without_a_number_is_of_the_product_with_its_barcode() -> None:
    noodles = goods.product(28_00, sku="N-1", barcode="690")

    plan = bring("条码,品名,售价\n690,牛肉面大份,32\n691,新品,5\n")

    assert [row.product for row in plan.changed] == [noodles]
    assert sorted(Product.objects.values_list("sku", "name")) == [("691", "新品"), ("N-1", "牛肉面大份")]


def test_prices_in_minor_units() -> None:
    bring("编码,名称,售价（分）\nA,茶,2850\n")

    assert priced() == {"A": [("CNY", "", 28_50)]}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,茶,5,,", "product.key_missing"),
        ("A B,,茶,5,,", "product.unusable"),
        ("A,,,5,,", "product.unusable"),
        (f"A,,{'茶' * 81},5,,", "product.unusable"),
        ("A,,茶,,,", "product.price_missing"),
        ("A,,茶,0,,", "product.price_missing"),
        ("A,,茶,-5,,", "amount.invalid"),
        ("A,,茶,abc,,", "amount.invalid"),
        ("A,,茶,$5,,", "import.another_currency"),
        ("A,,茶,1.005,,", "amount.too_fine"),
        ("A,,茶,99999999999999,,", "amount.out_of_range"),
        ("A,,茶,5,a/b/c,", "category.too_deep"),
        (f"A,,茶,5,{'x' * 61},", "product.unusable"),
        ("A,,茶,5,,大概", "product.state_unclear"),
        ("A,690,茶,5,,", "product.barcode_taken"),
        ("B,,茶,5,,", "product.row_twice"),
        ("C,691,茶,5,,", "product.row_twice"),
    ],
)
def test_a_row_that_cannot_be_taken_in_is_left_out_with_its_reason(row: str, code: str) -> None:
    goods.product(28_00, sku="N-1", barcode="690")

    plan = bring(f"编码,条码,名称,售价,分类,状态\nB,691,好,5,,\n{row}\n")

    assert [(one.line, one.reason.code) for one in plan.rejected] == [(3, code)]
    assert str(plan.rejected[0].reason)
    assert sorted(Product.objects.values_list("sku", flat=True)) == ["B", "N-1"]


def test_looking_writes_nothing() -> None:
    plan = check(POSPAL)

    assert (len(plan.new), Product.objects.exists(), Category.objects.exists()) == (2, False, False)


def test_a_person_says_what_the_columns_mean() -> None:
    table = "货品,码,价,零售价\n茶,A,5,9\n"
    with pytest.raises(ProductColumnsMissing):
        check(table)

    bring(table, chosen={"sku": "码", "name": "货品", "price": "价"})

    assert priced() == {"A": [("CNY", "", 5_00)]}


def test_what_is_no_table_of_products() -> None:
    with pytest.raises(NothingInside):
        check("编码,名称\n")
    with pytest.raises(UnknownCurrency):
        importing.check(POSPAL.encode(), currency="ZZZ", by=cast.OWNER)


def test_who_may_not() -> None:
    for command in (importing.check, importing.take_in):
        with pytest.raises(NotAllowed):
            command(POSPAL.encode(), currency="CNY", by=cast.actor("cashier"))
    assert not Product.objects.exists()


def test_thousands_at_once() -> None:
    rows = "".join(f"P{n},茶叶{n},货架{n % 7},{n + 1}\n" for n in range(3_000))
    bring(f"编码,名称,分类,售价\n{rows}")

    bring("编码,售价\n" + "".join(f"P{n},{n + 2}\n" for n in range(3_000)))

    assert (Product.objects.count(), Price.objects.count(), Category.objects.count()) == (3_000, 3_000, 7)
    assert priced()["P2999"] == [("CNY", "", 3001_00)]
    assert AuditEntry.objects.filter(action__startswith="product.").count() == 6_000
