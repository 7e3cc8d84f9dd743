import pytest

import cast
from api.program import Program
from chuzhi.organization.models import Store

pytestmark = pytest.mark.django_db


def test_packs_are_listed_with_rules_dates_and_sources() -> None:
    program = Program("stores:read")

    listed, one = program.get("/packs").json()["items"], program.get("/packs/cn-shanghai").json()

    assert {pack["id"] for pack in listed} >= {"none", "cn-national", "us-california"}
    rule = next(rule for rule in one["rules"] if rule["id"] == "cn.held.named")
    assert (rule["pack"], rule["value"], rule["first_on"], rule["checked_on"]) == ("cn-national", 500_000, "2012-11-01", None)
    assert rule["reason"] == "A named card may hold at most CN¥5,000.00."
    assert program.get("/packs/atlantis").status_code == 404


def test_a_program_chooses_the_pack_of_a_store(store: Store) -> None:
    program = Program("stores:write", "stores:read")

    answer = program.post(f"/stores/{store.pk}/pack", {"pack": "cn-beijing"})

    assert (answer.status_code, answer.json()["pack"]) == (200, "cn-beijing")
    assert program.get("/stores").json()["items"][0]["pack"] == "cn-beijing"


def test_what_cannot_be_chosen_changes_nothing(store: Store) -> None:
    other = cast.store()
    program, elsewhere = Program("stores:write"), Program("stores:write", at=other)

    answers = [
        program.post(f"/stores/{store.pk}/pack", {"pack": "atlantis"}),
        program.post("/stores/0/pack", {"pack": "none"}),
        elsewhere.post(f"/stores/{store.pk}/pack", {"pack": "cn-beijing"}),
        Program("stores:read").post(f"/stores/{store.pk}/pack", {"pack": "cn-beijing"}),
        program.post(f"/stores/{store.pk}/pack", {}),
    ]

    assert [answer.status_code for answer in answers] == [422, 404, 404, 403, 400]
    assert answers[0].json()["code"] == "pack.unknown"
    store.refresh_from_db()
    assert store.pack == "none"
