import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

import cast
from chuzhi.catalogue import categories, products
from chuzhi.catalogue.models import Category, Product
from chuzhi.catalogue.products import Described, Priced

pytestmark = pytest.mark.django_db
PRODUCTS = "/console/products/"
PRICES = {"prices-TOTAL_FORMS": "2", "prices-INITIAL_FORMS": "0", "prices-0-amount": "28", "prices-0-currency": "CNY"}
NOODLES = {"name": "红烧牛肉面", "sku": "NOODLE-7", "barcode": "6901234567892", "kind": "goods", "is_active": "on"} | PRICES


@pytest.fixture
def administrator_at_work() -> Client:
    return cast.signed_in(cast.person("administrator"))


def test_a_product_is_added_found_and_changed(administrator_at_work: Client) -> None:
    browser = administrator_at_work

    assert browser.post(f"{PRODUCTS}add/", NOODLES | {"prices-1-amount": "25", "prices-1-level": "gold"}).status_code == 302

    made = Product.objects.get()
    assert products.prices([made.pk], "CNY", {"gold"}) == {made.pk: 25_00}
    assert "CN¥28.00 · CN¥25.00 (gold)" in browser.get(PRODUCTS, {"find": "hsnr"}).content.decode()
    assert "红烧牛肉面" in browser.get(f"{PRODUCTS}{made.pk}/").content.decode()
    changed = {name: value for name, value in NOODLES.items() if name != "is_active"}
    assert browser.post(f"{PRODUCTS}{made.pk}/", changed).status_code == 302
    assert "No product is like that" in browser.get(PRODUCTS, {"find": "hsnr"}).content.decode()
    assert "Not on sale" in browser.get(PRODUCTS, {"show": "all"}).content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sku": "a b"}, "id_sku_error"),
        ({"prices-0-amount": "0"}, "id_prices-0-amount_error"),
        ({"prices-0-amount": "-1"}, "id_prices-0-amount_error"),
        ({"prices-0-currency": "ZZZ"}, "id_prices-0-currency_error"),
        ({"prices-1-level": "gold"}, "id_prices-1-amount_error"),
        ({"prices-0-amount": ""}, "one ordinary price"),
        ({"visits": "haircut"}, "id_visits_error"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(administrator_at_work: Client, wrong: dict[str, str], field: str) -> None:
    answer = administrator_at_work.post(f"{PRODUCTS}add/", NOODLES | wrong)

    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert not Product.objects.exists()


def test_categories_are_added_and_moved(administrator_at_work: Client) -> None:
    browser, page = administrator_at_work, f"{PRODUCTS}categories/"
    browser.post(page, {"name": "主食"})
    food = Category.objects.get()

    browser.post(page, {"name": "面食", "parent": food.pk})

    assert "主食 / 面食" in browser.get(page).content.decode()
    assert browser.post(f"{page}{food.pk}/", {"name": "面食与饭"}).status_code == 302
    assert browser.post(page, {"name": "面食与饭"}).status_code == 422


def test_a_shelf_shows_what_is_on_its_parts_too(administrator_at_work: Client) -> None:
    food = categories.add(name="主食", by=cast.OWNER)
    noodles = categories.add(name="面食", parent=food, by=cast.OWNER)
    price = [Priced(amount=28_00, currency="CNY")]
    products.add(described=Described(sku="N", name="面", category=noodles, prices=price), by=cast.OWNER)
    products.add(described=Described(sku="T", name="茶", prices=price), by=cast.OWNER)

    shown = administrator_at_work.get(PRODUCTS, {"category": food.pk}).content.decode()

    assert "<td>主食 / 面食</td>" in shown
    assert "茶" not in shown


def test_a_cashier_looks_and_does_not_change() -> None:
    cashier = cast.signed_in(cast.person("cashier"))

    assert cashier.get(PRODUCTS).status_code == 200
    assert "Add a product" not in cashier.get(PRODUCTS).content.decode()
    assert cashier.post(f"{PRODUCTS}add/", NOODLES).status_code == 403
    assert not Product.objects.exists()


TABLE = "商品编码,商品名称,售价,商品分类\nNOODLE-7,红烧牛肉面,28,主食/面食\nTEA,茶,,饮品\n"


def brought(browser: Client, table: str = TABLE, currency: str = "CNY") -> HttpResponse:
    file = SimpleUploadedFile("products.csv", table.encode())
    return browser.post(f"{PRODUCTS}import/", {"file": file, "currency": currency})  # type: ignore[return-value]  # of the test client


def test_a_table_of_products_is_looked_at_and_then_taken_in(administrator_at_work: Client) -> None:
    page = brought(administrator_at_work)["Location"]

    looked = administrator_at_work.get(page).content.decode()
    assert ("A new product needs a price." in looked, "主食 / 面食" in looked, Product.objects.exists()) == (True, True, False)

    done = administrator_at_work.post(page, follow=True).content.decode()
    assert "Taken in: 1 new, 0 changed; 1 rows left out." in done
    assert Product.objects.get().sku == "NOODLE-7"
    assert "Nothing to do" in administrator_at_work.get(page).content.decode()


def test_columns_that_are_not_known_are_chosen(administrator_at_work: Client) -> None:
    page = brought(administrator_at_work, "码,货品,价\nA,茶,5\n")["Location"]
    asked = administrator_at_work.get(page)
    assert (asked.status_code, "No column of a product number" in asked.content.decode()) == (422, True)

    chosen = f"{page}&sku=码&name=货品&price=价&barcode=&category=&unit=&state="
    assert "CN¥5.00" in administrator_at_work.get(chosen).content.decode()
    administrator_at_work.post(chosen)

    assert Product.objects.get().name == "茶"


@pytest.mark.parametrize(("table", "currency"), [("", "CNY"), ("商品编码\n", "CNY"), (TABLE, "ZZZ"), ("\0\1", "CNY")])
def test_what_cannot_be_looked_at_is_said(administrator_at_work: Client, table: str, currency: str) -> None:
    answer = brought(administrator_at_work, table, currency)

    assert (answer.status_code, 'aria-invalid="true"' in answer.content.decode()) == (422, True)


def test_a_file_that_is_not_kept_is_asked_for_again(administrator_at_work: Client) -> None:
    answer = administrator_at_work.post(f"{PRODUCTS}import/{'0' * 64}/?currency=CNY", follow=True)

    assert "The file is not kept any more" in answer.content.decode()
