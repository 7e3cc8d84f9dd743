"""Shared wallets as a program sees them."""

import pytest

import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("wallets:read", "members:write", "charges:write", "refunds:write")


def test_a_member_spends_within_the_allowance_and_a_refund_gives_it_back(
    program: Program, funded: Wallet, store: Store
) -> None:
    child = shop.new_customer()
    made = program.post(f"/wallets/{funded.pk}/members", {"customer": str(child.pk), "a_week": 20000})
    member = made.json()["id"]
    charge = {"wallet": str(funded.pk), "store": str(store.pk), "member": member}

    bought = program.post("/charges", charge | {"amount": 15000})
    over = program.post("/charges", charge | {"amount": 5001})
    program.post(f"/charges/{bought.json()['id']}/refunds", {"amount": 10000, "reason": "cold"})
    shared = program.get(f"/customers/{child.pk}/shared-wallets").json()["items"]
    entries = program.get(f"/wallets/{funded.pk}/entries").json()["items"]

    assert (made.status_code, bought.status_code, over.status_code) == (201, 201, 422)
    assert (over.json()["code"], over.json()["facts"]) == ("allowance.week", {"limit": 20000, "used": 15000})
    assert over.json()["detail"] == "Weekly allowance of CN¥200.00: CN¥150.00 used, resets Monday."
    assert [(one["id"], one["spent"]["week"], one["left"]) for one in shared] == [(member, 5000, 15000)]
    assert [one["member"] for one in entries] == [None, member, None]


def test_what_is_not_named_stays_and_stopping_is_at_once(program: Program, funded: Wallet, store: Store) -> None:
    child = shop.new_customer()
    member = program.post(f"/wallets/{funded.pk}/members", {"customer": str(child.pk), "a_week": 200, "at_once": 100}).json()[
        "id"
    ]

    changed = program.patch(f"/members/{member}", {"at_once": None, "from_time": "08:00", "to_time": "18:00"}).json()
    stopped = program.post(f"/members/{member}/stop", {})
    no = program.post("/charges", {"wallet": str(funded.pk), "store": str(store.pk), "member": member, "amount": 1})
    resumed = program.post(f"/members/{member}/resume", {})
    ended = program.post(f"/members/{member}/end", {})
    again = program.post(f"/members/{member}/resume", {})

    assert (changed["a_week"], changed["at_once"], changed["from_time"]) == (200, None, "08:00")
    assert [one.json()["status"] for one in (stopped, resumed, ended)] == ["stopped", "active", "ended"]
    assert (no.json()["code"], again.json()["code"]) == ("member.stopped", "member.ended")
    assert [one["status"] for one in program.get(f"/wallets/{funded.pk}/members").json()["items"]] == ["ended"]


@pytest.mark.parametrize("member", ["999999", "abc"])
def test_nobody_is_found(program: Program, funded: Wallet, store: Store, member: str) -> None:
    no = program.post("/charges", {"wallet": str(funded.pk), "store": str(store.pk), "member": member, "amount": 1})

    assert no.status_code in {400, 404}
    assert program.post(f"/members/{member}/stop", {}).json()["code"] == "member.unknown"
    assert program.get(f"/customers/{member}/shared-wallets").status_code == 404
