"""What a shop describes for itself: modules and their fields, and records of customers that are never lost."""

from typing import Any

import pytest

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import field_errors, fields, merging, modules, profiles, records
from chuzhi.customers import record_errors as errors
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.models import Customer
from chuzhi.customers.record_models import Record
from chuzhi.customers.rules import Kind
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db
BY = cast.OWNER


@pytest.fixture
def pets() -> CustomModule:
    module = modules.define(name="宠物 Pets", by=BY)
    fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", is_required=True, module=module, by=BY)
    kinds = [("cat", "猫", "Cat"), ("dog", "狗", "Dog")]
    fields.define(key="kind", kind=Kind.CHOICE, label_zh="种类", label_en="Kind", options=kinds, module=module, by=BY)
    fields.define(key="chip", kind=Kind.TEXT, label_zh="芯片", label_en="Chip", is_personal=True, module=module, by=BY)
    return module


def add(module: CustomModule, customer: Customer | None = None, **values: object) -> Record:
    return records.add(customer=customer or shop.new_customer(), module=module, values=values, by=BY)


def found(module: CustomModule, text: str) -> list[str]:
    rows = records.found(records.visible_to(BY).filter(module=module), text, fields.seen(BY, module))
    return [row.custom_open["name"] for row in rows.order_by("pk")]


def test_a_record_keeps_its_values_and_seals_the_personal_ones(pets: CustomModule) -> None:
    made = add(pets, name="Mimi", kind="cat", chip="9851")

    kept = Record.objects.get(pk=made.pk)
    assert kept.custom_open == {"name": "Mimi", "kind": "cat"}
    assert kept.custom.sealed == {"chip": "9851"}


def test_fields_of_a_module_and_of_customers_do_not_mix(pets: CustomModule) -> None:
    cars = modules.define(name="Cars", by=BY)

    fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", module=cars, by=BY)
    fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", by=BY)

    assert list(fields.in_use()) == list(fields.definitions(BY)) == ["name"]
    assert list(fields.definitions(BY, cars)) == ["name"]
    assert list(fields.definitions(BY, pets)) == ["name", "kind", "chip"]
    with pytest.raises(field_errors.KeyTaken):
        fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", module=cars, by=BY)


@pytest.mark.parametrize(
    ("values", "no"),
    [
        ({"name": "Mimi", "colour": "red"}, field_errors.FieldUnknown),
        ({"kind": "cat"}, field_errors.FieldRequired),
        ({"name": 7}, field_errors.NotText),
        ({"name": "x" * 201}, field_errors.TooLong),
        ({"name": "Mimi", "kind": "fish"}, field_errors.NotAChoice),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(pets: CustomModule, values: dict[str, Any], no: type[Exception]) -> None:
    with pytest.raises(no):
        add(pets, **values)

    assert not Record.objects.exists()


def test_an_empty_record_is_refused() -> None:
    with pytest.raises(errors.RecordEmpty):
        add(modules.define(name="Cars", by=BY))


def test_a_change_is_noted_without_its_values(pets: CustomModule) -> None:
    made = add(pets, name="Mimi", chip="9851")

    records.change(record=made, values={"chip": "9852", "name": "Mimi"}, version=1, by=BY)

    kept = Record.objects.get(pk=made.pk)
    assert (kept.custom.all, kept.version) == ({"name": "Mimi", "chip": "9852"}, 2)
    noted = AuditEntry.objects.get(action="record.changed")
    assert noted.subject == f"customer:{made.customer_id}"
    assert noted.facts == {"record": made.pk, "module": "宠物 Pets", "fields": ["chip"]}


def test_a_change_in_between_is_not_overwritten(pets: CustomModule) -> None:
    made = add(pets, name="Mimi")
    records.change(record=made, values={"name": "Momo"}, version=1, by=BY)

    with pytest.raises(errors.RecordChangedMeanwhile):
        records.change(record=made, values={"name": "Lulu"}, version=1, by=BY)
    with pytest.raises(errors.RecordChangedMeanwhile):
        records.remove(record=made, version=1, by=BY)

    assert found(pets, "momo") == ["Momo"]


def test_removed_it_is_kept_and_shown_no_more(pets: CustomModule) -> None:
    made = add(pets, name="Mimi")

    records.remove(record=made, by=BY)

    assert not records.visible_to(BY).exists()
    assert Record.objects.get().custom_open == {"name": "Mimi"}
    with pytest.raises(errors.RecordUnknown):
        records.change(record=made, values={"name": "Momo"}, by=BY)


def test_archived_a_module_takes_nothing_and_loses_nothing(pets: CustomModule) -> None:
    made = add(pets, name="Mimi")

    modules.archive(module=pets, by=BY)

    for act in (
        lambda: add(pets, name="Momo"),
        lambda: records.change(record=made, values={"name": "Momo"}, by=BY),
        lambda: records.remove(record=made, by=BY),
    ):
        with pytest.raises(errors.ModuleArchived):
            act()
    assert not records.visible_to(BY).exists()
    modules.restore(module=pets, by=BY)
    assert found(pets, "mimi") == ["Mimi"]


def test_an_archived_field_keeps_what_it_held(pets: CustomModule) -> None:
    made = add(pets, name="Mimi", kind="cat")
    kind = pets.fields.get(key="kind")

    fields.archive(field=kind, by=BY)

    with pytest.raises(field_errors.FieldArchived):
        records.change(record=made, values={"kind": "dog"}, by=BY)
    records.change(record=made, values={"name": "Momo"}, by=BY)
    assert Record.objects.get().custom_open == {"name": "Momo", "kind": "cat"}


def test_it_is_found_by_text_and_by_label_but_not_by_what_is_personal(pets: CustomModule) -> None:
    add(pets, name="Mimi", kind="cat", chip="9851")
    add(pets, name="Rex", kind="dog")

    assert found(pets, "MIM") == ["Mimi"]
    assert found(pets, "Dog") == ["Rex"]
    assert found(pets, "9851") == []


def test_a_customer_has_no_more_than_the_bound(pets: CustomModule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST", 2)
    person = shop.new_customer()
    first = add(pets, person, name="1")
    add(pets, person, name="2")

    with pytest.raises(errors.TooManyRecords):
        add(pets, person, name="3")

    records.remove(record=first, by=BY)
    add(pets, person, name="3")


def test_names_of_modules_are_there_once_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    made = modules.define(name="  Cars ", by=BY)

    assert made.name == "Cars"
    for name, no in (("Cars", errors.ModuleNameTaken), (" ", errors.ModuleNameInvalid), ("x" * 61, errors.ModuleNameInvalid)):
        with pytest.raises(no):
            modules.define(name=name, by=BY)
    assert modules.change(module=made, name="车辆", by=BY).name == "车辆"
    monkeypatch.setattr(modules, "MOST", 1)
    with pytest.raises(errors.TooManyModules):
        modules.define(name="Pets", by=BY)


def test_records_follow_a_merged_customer_and_go_back(pets: CustomModule) -> None:
    kept, gone = shop.new_customer(), shop.new_customer()
    made = add(pets, gone, name="Mimi")

    merge = merging.merge(kept=kept, gone=gone, taken=[], reason="the same", by=BY)
    assert Record.objects.get(pk=made.pk).customer_id == kept.pk

    merging.undo(merge=merge, by=BY)
    assert Record.objects.get(pk=made.pk).customer_id == gone.pk


def test_nothing_is_left_of_a_customer_who_is_withdrawn(pets: CustomModule) -> None:
    made = add(pets, name="Mimi", chip="9851")

    profiles.withdraw(Customer.objects.filter(pk=made.customer_id), by=BY)

    assert not Record.objects.exists()


def test_a_look_at_what_is_personal_is_kept(pets: CustomModule) -> None:
    made = add(pets, name="Mimi", chip="9851")

    assert records.reveal(made, by=BY) == {"chip": "9851"}
    assert AuditEntry.objects.get(action="record.revealed").facts["fields"] == ["chip"]


def test_needs_the_permission(pets: CustomModule, auditor: Actor) -> None:
    made = add(pets, name="Mimi")

    for act in (
        lambda: modules.define(name="Cars", by=auditor),
        lambda: modules.archive(module=pets, by=auditor),
        lambda: records.add(customer=made.customer, module=pets, values={"name": "x"}, by=auditor),
        lambda: records.change(record=made, values={"name": "x"}, by=auditor),
        lambda: records.remove(record=made, by=auditor),
    ):
        with pytest.raises(NotAllowed):
            act()
