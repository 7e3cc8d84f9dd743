"""Modules on the administrator's page, and records on the pages of customers."""

import re

import pytest
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import fields, modules, profiles, records
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.models import Customer
from chuzhi.customers.record_models import Record
from chuzhi.customers.rules import Kind

pytestmark = pytest.mark.django_db
MODULES = "/console/modules/"
FIELD = {"key": "name", "kind": "text", "label_zh": "车牌", "label_en": "Number plate", "place": "0", "is_required": "on"}


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("administrator"))


@pytest.fixture
def person(db: None) -> Customer:
    return profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)


@pytest.fixture
def pets(db: None) -> CustomModule:
    module = modules.define(name="Pets", by=cast.OWNER)
    for key, is_personal in (("name", False), ("chip", True)):
        fields.define(
            key=key, kind=Kind.TEXT, label_zh=key, label_en=key, is_personal=is_personal, module=module, by=cast.OWNER
        )
    return module


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def records_of(person: Customer) -> str:
    return f"/console/customers/{person.pk}/records/"


def mimi(person: Customer, pets: CustomModule) -> Record:
    return records.add(customer=person, module=pets, values={"name": "Mimi", "chip": "9851"}, by=cast.OWNER)


def test_a_module_is_named_given_a_field_and_archived(page: Client) -> None:
    page.post(MODULES, {"name": "车辆", "place": "0"})
    module = CustomModule.objects.get()
    added = page.post(f"/console/fields/add/?module={module.pk}", FIELD)
    shown = said(page.get(f"{MODULES}{module.pk}/"))

    assert added.url == f"{MODULES}{module.pk}/"  # type: ignore[attr-defined]  # a redirect
    assert "Number plate" in shown
    assert "Number plate" not in said(page.get("/console/fields/"))

    page.post(f"{MODULES}{module.pk}/", {"name": "Cars", "place": "2"})
    page.post(f"{MODULES}{module.pk}/archive/")
    module.refresh_from_db()
    assert (module.name, module.place, module.archived_at is None) == ("Cars", 2, False)
    page.post(f"{MODULES}{module.pk}/restore/")
    assert modules.in_use() == [module]


@pytest.mark.parametrize("name", ["", "Pets", "x" * 61])
def test_a_name_that_cannot_be_is_refused_in_its_place(page: Client, pets: CustomModule, name: str) -> None:
    assert page.post(MODULES, {"name": name, "place": "0"}).status_code == 422
    assert CustomModule.objects.count() == 1


def test_a_record_is_added_changed_and_removed(page: Client, person: Customer, pets: CustomModule) -> None:
    page.post(f"{records_of(person)}add/{pets.pk}/", {"custom_name": "Mimi", "custom_chip": "9851"})
    record = Record.objects.get()
    of_customer, customer = said(page.get(records_of(person))), said(page.get(f"/console/customers/{person.pk}/"))

    assert "Mimi" in of_customer
    assert "9851" not in of_customer
    assert f'href="{records_of(person)}"' in customer

    page.post(f"{records_of(person)}{record.pk}/", {"custom_name": "Momo", "custom_chip": "", "version": "1"})
    record.refresh_from_db()
    assert record.custom.all == {"name": "Momo", "chip": "9851"}

    page.post(f"{records_of(person)}{record.pk}/remove/", {"version": "2"})
    assert "Momo" not in said(page.get(records_of(person)))
    acts = AuditEntry.objects.filter(subject=f"customer:{person.pk}", action__startswith="record.").order_by("at")
    assert [one.action for one in acts] == ["record.added", "record.changed", "record.removed"]


def test_a_form_that_is_old_overwrites_nothing(page: Client, person: Customer, pets: CustomModule) -> None:
    record = mimi(person, pets)
    records.change(record=record, values={"name": "Momo"}, by=cast.OWNER)

    changed = page.post(f"{records_of(person)}{record.pk}/", {"custom_name": "Lulu", "version": "1"})
    page.post(f"{records_of(person)}{record.pk}/remove/", {"version": "1"})

    assert changed.status_code == 422
    record.refresh_from_db()
    assert (record.custom_open, record.removed_at) == ({"name": "Momo"}, None)


def test_a_personal_value_is_shown_whole_once_and_the_look_is_kept(page: Client, person: Customer, pets: CustomModule) -> None:
    record = mimi(person, pets)

    assert "9851" in said(page.post(f"{records_of(person)}{record.pk}/reveal/"))
    assert "9851" not in said(page.get(records_of(person)))
    assert AuditEntry.objects.filter(action="record.revealed").count() == 1


def test_records_of_all_customers_are_found_by_text_and_by_customer(page: Client, person: Customer, pets: CustomModule) -> None:
    other = profiles.register(name="李雷", phone="13700001111", by=cast.OWNER)
    mimi(person, pets)
    records.add(customer=other, module=pets, values={"name": "Rex"}, by=cast.OWNER)
    place = f"{MODULES}{pets.pk}/records/"

    def names(query: str) -> list[str]:
        return re.findall(r"Mimi|Rex", said(page.get(f"{place}{query}")))

    assert sorted(names("")) == ["Mimi", "Rex"]
    assert names("?who=13800138000") == ["Mimi"]
    assert "Mimi" not in said(page.get(f"{place}?find=9851"))
    assert f'href="/console/customers/{other.pk}/"' in said(page.get(f"{place}?find=rex"))


def test_a_record_of_another_and_an_archived_module_are_not_found(page: Client, person: Customer, pets: CustomModule) -> None:
    record = mimi(profiles.register(name="李雷", by=cast.OWNER), pets)

    assert page.get(f"{records_of(person)}{record.pk}/").status_code == 404
    assert page.get(f"{records_of(person)}?module=999").status_code == 404
    modules.archive(module=pets, by=cast.OWNER)
    assert page.get(f"{records_of(person)}add/{pets.pk}/").status_code == 404
    assert page.get(f"{MODULES}{pets.pk}/records/").status_code == 404


def test_the_list_asks_no_more_for_more_records(
    page: Client, person: Customer, pets: CustomModule, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        records.add(customer=person, module=pets, values={"name": str(number)}, by=cast.OWNER)
    for place in (records_of(person), f"{MODULES}{pets.pk}/records/"):
        page.get(place)
        with django_assert_max_num_queries(14):  # type: ignore[operator]  # a context manager
            page.get(place)
