from typing import Any

import pytest

import cast
from api.program import Program
from chuzhi.console.customers.listing import LISTING
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import fields, profiles
from chuzhi.customers.rules import Kind
from chuzhi.organization.lists import keeping
from chuzhi.organization.lists.errors import NotYourView
from chuzhi.organization.lists.models import SavedView
from chuzhi.wallets import people

pytestmark = pytest.mark.django_db
SCOPES = ("customers:read", "views:write")


def kept(by: Any = None, **more: Any) -> SavedView:
    looks: dict[str, Any] = {"name": "Ours", "filters": {}, "columns": [], "sort": "", "is_shared": True}
    return keeping.keep(list_name="customers", by=by or cast.actor("manager"), **(looks | more))


def listed(program: Program) -> list[str]:
    return [view["name"] for view in program.get("/customer-views").json()["items"]]


def test_what_a_program_keeps_a_colleague_sees_in_the_console() -> None:
    program, store = Program(*SCOPES), cast.store()
    profiles.register(name="Ann", tags=["VIP"], home_store=store, by=cast.OWNER)
    profiles.register(name="Bob", tags=["VIP"], by=cast.OWNER)
    asked = {
        "name": "Regulars", "filters": {"tag": "VIP", "home_store": str(store.pk), "created_since": "2020-01-01"},
        "columns": ["name", "created"], "sort": "-created", "shared": True,
    }  # fmt: skip

    made = program.post("/customer-views", asked)
    shown = cast.signed_in(cast.person("cashier")).get("/console/customers/", {"view": made.json()["id"]}, follow=True)

    assert made.status_code == 200
    assert (made.json()["own"], made.json()["by"]) == (True, f"key:{program.key.pk}")
    assert shown.status_code == 200
    assert "Ann" in shown.content.decode()
    assert "Bob" not in shown.content.decode()
    assert program.key.name in shown.content.decode()
    assert AuditEntry.objects.get(action="list.view_kept").actor == f"key:{program.key.pk}"


def test_kept_again_under_its_name_it_takes_the_place() -> None:
    program = Program(*SCOPES)

    for tag in ("A", "B"):
        program.post("/customer-views", {"name": "Mine", "filters": {"tag": tag}})

    assert [view["filters"] for view in program.get("/customer-views").json()["items"]] == [{"tag": "B"}]


def test_own_and_shared_ones_are_told_and_no_private_ones() -> None:
    program, other = Program(*SCOPES), Program(*SCOPES)
    program.post("/customer-views", {"name": "Mine"})
    other.post("/customer-views", {"name": "Theirs"})
    kept(name="Ours")
    kept(name="Hers", is_shared=False)

    assert listed(program) == ["Mine", "Ours"]
    assert listed(other) == ["Theirs", "Ours"]


def test_a_program_with_the_number_of_a_colleague_is_not_that_colleague() -> None:
    view = kept(is_shared=False)
    program = Actor(ActorKind.KEY, view.owner_id or 0, permissions=frozenset({"customers.view"}))

    assert not keeping.visible_to(program, "customers").exists()
    with pytest.raises(NotYourView):
        keeping.remove(view=view, by=program)


def test_only_its_own_are_removed() -> None:
    program, ours = Program(*SCOPES), kept()
    mine = program.post("/customer-views", {"name": "Mine"}).json()["id"]

    assert program.post(f"/customer-views/{mine}/remove", {}).status_code == 204
    assert program.post(f"/customer-views/{ours.pk}/remove", {}).json()["code"] == "saved_view.not_yours"
    assert program.post(f"/customer-views/{mine}/remove", {}).status_code == 404
    assert listed(program) == ["Ours"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "  "}, "saved_view.name_missing"),
        ({"columns": ["shoes"]}, "list.column_unknown"),
        ({"columns": ["custom.secret"]}, "list.column_unknown"),
        ({"sort": "phone"}, "list.column_unknown"),
        ({"filters": {"home_store": "7777"}}, "store.unusable"),
        ({"filters": {"own": "shoe"}}, "field.unknown"),
        ({"filters": {"own_value": "42"}}, "field.unknown"),
        ({"filters": {"own": "size", "own_way": "from", "own_value": "x"}}, "field.filter_unknown"),
        ({"filters": {"find": "138"}}, "request.invalid"),
        ({"filters": {"owner": "mine"}}, "request.invalid"),
        ({"filters": {"created_since": "soon"}}, "request.invalid"),
    ],
)
def test_what_no_list_could_show_is_refused(more: dict[str, Any], code: str) -> None:
    fields.define(key="size", kind=Kind.TEXT, label_zh="尺码", label_en="Size", by=cast.OWNER)
    fields.define(key="secret", kind=Kind.TEXT, label_zh="密", label_en="Secret", seen_by="staff.manage", by=cast.OWNER)

    answer = Program(*SCOPES).post("/customer-views", {"name": "Mine"} | more)

    assert answer.json()["code"] == code
    assert not SavedView.objects.exists()


def test_an_own_field_is_a_filter_and_a_column() -> None:
    fields.define(key="size", kind=Kind.TEXT, label_zh="尺码", label_en="Size", by=cast.OWNER)
    asked = {
        "name": "Large",
        "filters": {"own": "size", "own_way": "is", "own_value": "xl"},
        "columns": ["name", "custom.size"],
    }

    made = Program(*SCOPES).post("/customer-views", asked | {"shared": True}).json()
    shown = cast.signed_in(cast.person("manager")).get("/console/customers/", {"view": made["id"]}, follow=True)

    assert made["filters"] == {"own": "size", "own_value": "xl"}
    assert shown.status_code == 200


def test_the_api_knows_the_columns_and_orders_of_the_page() -> None:
    assert tuple(column.name for column in LISTING.columns) == people.COLUMNS
    assert tuple(column.name for column in LISTING.columns if column.order) == people.ORDERS
