"""Modules and records as a program sees them."""

from typing import Any

import pytest

import shop
from api.program import Program
from chuzhi.core import vault
from chuzhi.customers.record_models import Record

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("customers:read", "customers:write", "fields:write")


@pytest.fixture
def pets(program: Program) -> str:
    module: str = program.post("/customer-modules", {"name": "宠物"}).json()["id"]
    for key, is_personal in (("name", False), ("chip", True)):
        field = {"key": key, "kind": "text", "label_zh": key, "label_en": key, "is_personal": is_personal, "module": module}
        assert program.post("/customer-fields", field).json()["module"] == module
    return module


def test_a_module_is_made_changed_archived_and_taken_up_again(program: Program, pets: str) -> None:
    address = f"/customer-modules/{pets}"

    assert program.patch(address, {"name": "Pets"}).json() == {"id": pets, "name": "Pets", "place": 0, "is_archived": False}
    assert program.post(f"{address}/archive", {}).json()["is_archived"]
    assert [one["is_archived"] for one in program.get("/customer-modules").json()["items"]] == [True]
    assert not program.post(f"{address}/restore", {}).json()["is_archived"]
    assert [one["key"] for one in program.get(f"/customer-fields?module={pets}").json()["items"]] == ["name", "chip"]
    assert program.get("/customer-fields").json()["items"] == []


def test_a_record_is_added_changed_listed_and_removed(program: Program, pets: str) -> None:
    address = f"/customers/{shop.new_customer().pk}/records"

    made = program.post(address, {"module": pets, "values": {"name": "Mimi", "chip": "9851"}}).json()
    one = f"{address}/{made['id']}"
    changed = program.patch(one, {"values": {"name": "Momo"}, "version": 1}).json()
    stale = program.patch(one, {"values": {"name": "Lulu"}, "version": 1})

    assert made["values"] == {"name": "Mimi", "chip": "••••"}
    assert (changed["values"]["name"], changed["version"]) == ("Momo", 2)
    assert (stale.status_code, stale.json()["code"]) == (422, "record.changed_meanwhile")
    assert program.get(address).json()["items"] == [changed]
    assert program.post(f"{one}/remove", {"version": 2}).status_code == 204
    assert program.get(f"{address}?module={pets}").json()["items"] == []


def test_sent_again_with_its_key_it_is_the_same_record(program: Program, pets: str) -> None:
    address = f"/customers/{shop.new_customer().pk}/records"
    asked = {"module": pets, "values": {"name": "Mimi", "chip": "9851"}}

    made = program.post(address, asked, key="pet-1")
    changed = program.patch(f"{address}/{made.json()['id']}", {"values": {"name": "Momo"}}).json()
    vault.add_key("encryption")
    again = program.post(address, {"values": {"chip": "9851", "name": "Mimi"}, "module": pets}, key="pet-1")
    program.post(f"/customer-modules/{pets}/archive", {})
    later = program.post(address, asked, key="pet-1")

    assert (made.status_code, again.status_code, later.status_code) == (201, 201, 201)
    assert again.json() == later.json() == changed
    assert Record.objects.count() == 1


def test_a_key_of_something_else_is_refused(program: Program, pets: str) -> None:
    one, other = (f"/customers/{shop.new_customer().pk}/records" for _ in range(2))
    cars, mimi = program.post("/customer-modules", {"name": "Cars"}).json()["id"], {"module": pets, "values": {"name": "Mimi"}}
    program.post(one, mimi, key="pet-1")

    for address, asked in ((other, mimi), (one, {**mimi, "values": {"name": "Rex"}}), (one, {**mimi, "module": cars})):
        answer = program.post(address, asked, key="pet-1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_reused")
    assert program.post(one, mimi, key="\t").json()["code"] == "idempotency.invalid"
    assert Record.objects.count() == 1


def test_without_a_key_or_under_that_of_another_program_it_is_another_record(program: Program, pets: str) -> None:
    address, asked = f"/customers/{shop.new_customer().pk}/records", {"module": pets, "values": {"name": "Mimi"}}

    made = [program.post(address, asked, key=None), program.post(address, asked, key=None)]
    made += [one.post(address, asked, key="pet-1") for one in (program, Program("customers:read", "customers:write"))]

    assert len({one.json()["id"] for one in made}) == 4


def test_the_records_of_a_module_are_read_page_by_page(program: Program, pets: str) -> None:
    for name in ("Mimi", "Momo", "Rex"):
        program.post(f"/customers/{shop.new_customer().pk}/records", {"module": pets, "values": {"name": name}})

    first = program.get(f"/customer-records?module={pets}&limit=2").json()
    second = program.get(f"/customer-records?module={pets}&limit=2&cursor={first['next_cursor']}").json()
    found = program.get(f"/customer-records?module={pets}&find=MO").json()

    assert [one["values"]["name"] for one in first["items"] + second["items"]] == ["Mimi", "Momo", "Rex"]
    assert second["next_cursor"] is None
    assert [one["values"]["name"] for one in found["items"]] == ["Momo"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"values": {"name": 7}}, 422, "field.not_text"),
        ({"values": {"name": "x" * 201}}, 422, "field.too_long"),
        ({"values": {"colour": "red"}}, 422, "field.unknown"),
        ({"values": {}}, 422, "record.empty"),
        ({"module": "999", "values": {"name": "Mimi"}}, 404, "module.unknown"),
    ],
)
def test_what_cannot_be_is_refused(program: Program, pets: str, given: dict[str, Any], status: int, code: str) -> None:
    address = f"/customers/{shop.new_customer().pk}/records"

    answer = program.post(address, {"module": pets, **given})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert program.get(address).json()["items"] == []


def test_an_archived_module_and_the_record_of_another_are_refused(program: Program, pets: str) -> None:
    one, other = (f"/customers/{shop.new_customer().pk}/records" for _ in range(2))
    made = program.post(one, {"module": pets, "values": {"name": "Mimi"}}).json()

    assert program.patch(f"{other}/{made['id']}", {"values": {"name": "Momo"}}).json()["code"] == "record.unknown"
    program.post(f"/customer-modules/{pets}/archive", {})
    assert program.post(one, {"module": pets, "values": {"name": "Rex"}}).json()["code"] == "module.archived"
    assert program.post("/customer-modules", {"name": "宠物"}).json()["code"] == "module.name_taken"
    assert program.get("/customer-records?module=x").json()["code"] == "module.unknown"
