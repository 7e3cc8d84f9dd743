import pytest

from api.program import Program
from chuzhi.catalogue.models import Product

pytestmark = pytest.mark.django_db
NOODLES = {"sku": "NOODLE-7", "name": "红烧牛肉面", "prices": [{"amount": 2800}, {"amount": 2500, "level": "gold"}]}


@pytest.fixture
def program() -> Program:
    return Program("catalogue:read", "catalogue:write")


def test_a_product_is_added_read_and_changed(program: Program) -> None:
    shelf = program.post("/categories", {"name": "主食"}).json()
    made = program.post("/products", NOODLES | {"category": shelf["id"]})
    changed = program.post(f"/products/{made.json()['id']}", NOODLES | {"is_active": False})

    assert made.status_code == 201
    assert made.json()["category"] == shelf["id"]
    assert changed.json() == made.json() | {"category": None, "is_active": False}
    assert program.get(f"/products/{made.json()['id']}").json() == changed.json()
    assert program.get("/products", find="hsnrm").json()["items"] == [changed.json()]
    assert program.get("/categories").json()["items"] == [shelf]


def test_a_list_is_handed_out_in_pages(program: Program) -> None:
    for number in range(3):
        program.post("/products", NOODLES | {"sku": f"N{number}"})

    first = program.get("/products", limit=2).json()
    rest = program.get("/products", limit=2, cursor=first["next_cursor"]).json()

    assert [one["sku"] for one in first["items"] + rest["items"]] == ["N0", "N1", "N2"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"prices": [{"amount": 0}]}, 400, "request.invalid"),
        ({"prices": [{"amount": 1, "level": "gold"}]}, 422, "product.prices_unusable"),
        ({"prices": [{"amount": 1, "currency": "ZZZ"}]}, 422, "currency.unknown"),
        ({"sku": "a b"}, 422, "product.unusable"),
        ({"category": "99"}, 404, "category.unknown"),
        ({"price": 1}, 400, "request.invalid"),
    ],
)
def test_what_is_wrong_is_named(program: Program, wrong: dict[str, object], status: int, code: str) -> None:
    answer = program.post("/products", NOODLES | wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Product.objects.exists()
