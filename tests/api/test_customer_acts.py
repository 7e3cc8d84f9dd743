from typing import Any

import pytest
from django.utils import timezone

import cast
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.organization.lists import acting, keeping
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import ApiKey
from chuzhi.wallets import tasks

pytestmark = pytest.mark.django_db
SCOPE = "customers:bulk"


@pytest.fixture
def program(db: None) -> Program:
    return Program(SCOPE)


def person(name: str, **more: Any) -> Customer:
    return profiles.register(name=name, by=cast.OWNER, **more)


def planned(program: Program, **asked: Any) -> str:
    return str(program.post("/customer-acts", asked).json()["id"])


def tags() -> dict[str, list[str]]:
    return dict(Customer.objects.values_list("name", "tags"))


def test_a_plan_says_how_many_and_whom_and_does_nothing(program: Program) -> None:
    ann, _bob, _cleo = person("Ann", tags=["VIP"]), person("Bob", tags=["VIP"]), person("Cleo")

    plan = program.post("/customer-acts", {"filters": {"tag": "VIP"}})

    assert plan.status_code == 201
    told = plan.json()
    assert (told["state"], told["do"], told["count"]) == ("planned", None, 2)
    assert told["sample"][0] == {"id": str(ann.pk), "name": "Ann"}
    assert tags() == {"Ann": ["VIP"], "Bob": ["VIP"], "Cleo": []}


def test_done_told_and_undone(program: Program) -> None:
    for name, held in (("Ann", ["VIP"]), ("Bob", ["VIP", "new"]), ("Cleo", [])):
        person(name, tags=held)
    before, act = tags(), planned(program, filters={"tag": "VIP"})

    done = program.post(f"/customer-acts/{act}/start", {"do": "add_tag", "value": "new"}).json()
    after = tags()
    undone = program.post(f"/customer-acts/{act}/undo", {}).json()

    assert (done["state"], done["do"], done["value"]) == ("done", "add_tag", "new")
    assert (done["counts"]["done"], done["counts"]["same"], done["undo_until"] is None) == (1, 1, False)
    assert after == {"Ann": ["VIP", "new"], "Bob": ["VIP", "new"], "Cleo": []}
    assert (undone["state"], undone["counts"]["undone"], undone["undo_until"]) == ("undone", 1, None)
    assert tags() == before
    assert AuditEntry.objects.get(action="bulk.started").actor == f"key:{program.key.pk}"


@pytest.mark.parametrize("do", ["home_store", "owner", "remove_tag"])
def test_every_act_of_the_page(program: Program, do: str) -> None:
    store, colleague = cast.store(), cast.person("manager")
    ann = person("Ann", tags=["VIP"])
    value, field, becomes = {
        "home_store": (str(store.pk), "home_store_id", store.pk),
        "owner": (str(colleague.pk), "owner_id", colleague.pk),
        "remove_tag": ("VIP", "tags", []),
    }[do]
    before, act = getattr(ann, field), planned(program, customers=[str(ann.pk)])

    program.post(f"/customer-acts/{act}/start", {"do": do, "value": value})
    after = getattr(Customer.objects.get(), field)
    program.post(f"/customer-acts/{act}/undo", {})

    assert (after, getattr(Customer.objects.get(), field)) == (becomes, before)


def test_whom_a_shared_view_shows(program: Program) -> None:
    person("Ann", tags=["VIP"])
    person("Bob")
    looks: dict[str, Any] = {
        "list_name": "customers",
        "columns": [],
        "sort": "",
        "is_shared": True,
        "by": cast.actor("manager"),
    }
    view = keeping.keep(name="Regulars", filters={"tag": "VIP"}, **looks)
    gone = keeping.keep(name="Old", filters={"shoe_size": "42"}, **looks)
    mine = keeping.keep(name="Mine", filters={"owner": "mine"}, **looks)

    assert [one["name"] for one in program.post("/customer-acts", {"view": str(view.pk)}).json()["sample"]] == ["Ann"]
    for unusable in (gone, mine):
        assert program.post("/customer-acts", {"view": str(unusable.pk)}).json()["code"] == "saved_view.unusable"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bulk.choose_one_way"),
        ({"customers": ["1"], "filters": {}}, "bulk.choose_one_way"),
        ({"customers": []}, "bulk.nothing_chosen"),
        ({"customers": ["999999"]}, "bulk.nothing_chosen"),
        ({"filters": {"tag": "nobody has it"}}, "bulk.nothing_chosen"),
        ({"filters": {"home_store": "7777"}}, "store.unusable"),
        ({"view": "999999"}, "saved_view.unknown"),
        ({"filters": {"shoe": "42"}}, "request.invalid"),
    ],
)
def test_nobody_is_chosen_by_mistake(program: Program, asked: dict[str, Any], code: str) -> None:
    person("Ann")

    assert program.post("/customer-acts", asked).json()["code"] == code
    assert not BulkAct.objects.exists()


def test_too_many_are_refused(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        person(f"M{number}")
    monkeypatch.setattr(acting, "MOST_ROWS", 2)

    assert program.post("/customer-acts", {"filters": {}}).json()["code"] == "list.too_long"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"do": "add_tag"}, "customer.tag_invalid"),
        ({"do": "add_tag", "value": " "}, "customer.tag_invalid"),
        ({"do": "home_store", "value": "77777"}, "store.unusable"),
        ({"do": "home_store", "value": "x"}, "store.unusable"),
        ({"do": "owner", "value": "77777"}, "customer.owner_unusable"),
        ({"do": "forget"}, "request.invalid"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(program: Program, asked: dict[str, Any], code: str) -> None:
    act = planned(program, customers=[str(person("Ann").pk)])

    assert program.post(f"/customer-acts/{act}/start", asked).json()["code"] == code
    assert program.get(f"/customer-acts/{act}").json()["state"] == "planned"


def test_asked_twice_it_is_done_once(program: Program) -> None:
    act = planned(program, customers=[str(person("Ann").pk)])
    program.post(f"/customer-acts/{act}/start", {"do": "add_tag", "value": "new"})

    assert program.post(f"/customer-acts/{act}/start", {"do": "add_tag", "value": "old"}).json()["code"] == "bulk.decided"
    assert tags() == {"Ann": ["new"]}


def test_who_was_changed_since_stays_and_is_told_with_the_reason(program: Program) -> None:
    ann, bob = person("Ann"), person("Bob")
    act = planned(program, filters={})
    program.post(f"/customer-acts/{act}/start", {"do": "add_tag", "value": "new"})
    profiles.change(customer=bob, tags=["new", "kept"], by=cast.OWNER)

    undone = program.post(f"/customer-acts/{act}/undo", {}).json()
    [refused] = program.get(f"/customer-acts/{act}/refused").json()["items"]

    assert (undone["counts"]["undone"], undone["counts"]["stayed"]) == (1, 1)
    assert (refused["customer"], refused["code"]) == (str(bob.pk), "customer.changed_meanwhile")
    assert tags() == {"Ann": [], "Bob": ["new", "kept"]}
    assert ann.tags == []


def test_after_an_hour_and_before_its_start_nothing_is_undone(program: Program) -> None:
    act = planned(program, customers=[str(person("Ann").pk)])
    assert program.post(f"/customer-acts/{act}/undo", {}).json()["code"] == "bulk.cannot_be_undone"
    program.post(f"/customer-acts/{act}/start", {"do": "add_tag", "value": "new"})
    BulkAct.objects.update(done_at=timezone.now() - acting.UNDO_FOR)

    assert program.post(f"/customer-acts/{act}/undo", {}).json()["code"] == "bulk.cannot_be_undone"
    assert program.get(f"/customer-acts/{act}").json()["undo_until"] is None


def test_an_act_is_whose_it_is(program: Program) -> None:
    act = planned(program, customers=[str(person("Ann").pk)])

    assert Program(SCOPE).get(f"/customer-acts/{act}").json()["code"] == "bulk.unknown"
    assert cast.signed_in(cast.person("manager")).get(f"/console/lists/acts/{act}/").status_code == 404


def test_many_are_done_by_the_worker_as_the_program_may_then(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    person("Ann")
    monkeypatch.setattr(tasks, "AT_ONCE", 0)
    first, second = planned(program, filters={}), planned(program, filters={})

    running = program.post(f"/customer-acts/{first}/start", {"do": "add_tag", "value": "new"}).json()
    tasks.act(int(first))
    program.post(f"/customer-acts/{second}/start", {"do": "add_tag", "value": "late"})
    ApiKey.objects.filter(pk=program.key.pk).update(revoked_at=timezone.now())
    tasks.act(int(second))

    assert (running["state"], running["counts"]["waiting"]) == ("running", 1)
    assert tags() == {"Ann": ["new"]}
    assert BulkRow.objects.get(act=second).refusal == "list.no_longer_allowed"
