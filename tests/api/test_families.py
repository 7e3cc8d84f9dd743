"""Relations and consent as a program sees them."""

import base64

import pytest

import shop
from api.program import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("customers:read", "customers:write", "consent-texts:write")


def test_relations_are_read_from_both_sides_and_end(program: Program) -> None:
    parent, child = shop.new_customer(), shop.new_customer()

    made = program.post(f"/customers/{parent.pk}/relations", {"other": str(child.pk), "role": "child"})
    again = program.post(f"/customers/{child.pk}/relations", {"other": str(parent.pk), "role": "parent"})
    theirs = program.get(f"/customers/{child.pk}/relations").json()["items"]
    ended = program.post(f"/customers/{child.pk}/relations/{made.json()['id']}/end", {}).json()
    foreign = program.post(f"/customers/{shop.new_customer().pk}/relations/{made.json()['id']}/end", {})

    assert (made.status_code, made.json()["role"]) == (201, "child")
    assert (again.status_code, again.json()["code"]) == (422, "relation.twice")
    assert [(one["other"], one["role"]) for one in theirs] == [(str(parent.pk), "parent")]
    assert ended["ended_at"]
    assert (foreign.status_code, foreign.json()["code"]) == (404, "relation.unknown")


def test_consent_is_said_withdrawn_and_read(program: Program) -> None:
    customer, purpose = shop.new_customer(), {"purpose": "marketing_sms"}
    where = f"/customers/{customer.pk}/consents"
    scan = {"name": "signed.pdf", "content": base64.b64encode(b"%PDF-1.7 signed").decode()}

    early = program.post(where, purpose | {"is_given": True})
    program.post("/consent-texts", purpose | {"zh": "同意", "en": "I agree"})
    given = program.post(where, purpose | {"is_given": True, "how": "paper", "scan": scan})
    yes = program.get(where).json()["items"]
    program.post(where, purpose | {"is_given": False})
    no = program.get(where).json()["items"]
    first = program.get(f"{where}/history", limit=1).json()
    second = program.get(f"{where}/history", limit=1, cursor=first["next_cursor"]).json()

    assert early.json()["code"] == "consent.text_missing"
    assert (given.status_code, given.json()["has_scan"], given.json()["version"]) == (201, True, 1)
    assert ([one["is_given"] for one in yes], [one["is_given"] for one in no]) == ([True], [False])
    assert [one["is_given"] for one in (*first["items"], *second["items"])] == [False, True]
    assert [one["version"] for one in program.get("/consent-texts").json()["items"]] == [1]
