import pytest

import cast
import shop
from api.program import Program
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("customers:read", "customers:merge")


@pytest.fixture
def two(programme: Programme, store: Store) -> tuple[Customer, Customer]:
    kept = profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)
    gone = profiles.register(name="王晓明", phone="13900139000", by=cast.OWNER)
    for each in (kept, gone):
        profiles.change(customer=each, email="wang@example.com", by=cast.OWNER)
        shop.top_up(shop.new_wallet(programme, each), 100_00, store)
    return kept, gone


def test_found_made_one_asked_again_and_undone(program: Program, two: tuple[Customer, Customer]) -> None:
    kept, gone = two
    found = program.get(f"/customers/{kept.pk}/duplicates").json()["items"]
    assert found == [{"id": str(gone.pk), "name": "王晓明", "phone": "139****9000", "why": "email"}]

    asked = {"gone": str(gone.pk), "taken": ["phone"], "reason": "Same identity card"}
    made = program.post(f"/customers/{kept.pk}/merges", asked)
    again = program.post(f"/customers/{kept.pk}/merges", asked)
    assert (made.status_code, again.json()) == (201, made.json())
    assert [(one["into"], one["parted_at"]) for one in made.json()["wallets"]] == [
        (str(kept.wallets.get(is_joined=False).pk), None)
    ]
    assert program.get(f"/customers/{gone.pk}").status_code == 404
    kept.refresh_from_db()
    assert kept.phone == "+8613900139000"

    undone = program.post(f"/merges/{made.json()['id']}/undo", {}).json()
    assert (undone["may_be_undone"], undone["undone_at"] is None) == (False, False)
    assert program.get(f"/merges/{made.json()['id']}").json() == undone
    assert program.get(f"/customers/{gone.pk}").json()["phone"] == "139****9000"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"gone": "999", "reason": "same"}, 404, "customer.unknown"),
        ({"gone": "kept", "reason": "same"}, 422, "merge.same_customer"),
        ({"gone": "gone", "taken": ["version"], "reason": "same"}, 422, "merge.field_unknown"),
        ({"gone": "gone"}, 400, "request.invalid"),
    ],
)
def test_refusals(program: Program, two: tuple[Customer, Customer], asked: dict[str, object], status: int, code: str) -> None:
    names = {"kept": two[0].pk, "gone": two[1].pk}
    answer = program.post(f"/customers/{two[0].pk}/merges", asked | {"gone": str(names.get(str(asked["gone"]), asked["gone"]))})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_merge_that_is_not_there(program: Program) -> None:
    assert program.get("/merges/999").json()["code"] == "merge.unknown"
    assert program.post("/merges/x/undo", {}).json()["code"] == "merge.unknown"
