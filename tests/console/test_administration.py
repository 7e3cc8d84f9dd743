"""Staff, stores, tills and keys: each page by its happy way and refused."""

import re

import pytest
from django.test import Client

import cast
from chuzhi.organization import staff
from chuzhi.organization.models import ApiKey, Invitation, Staff, Store
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    return cast.signed_in(cast.person("administrator"))


def test_team(boss: Client) -> None:
    person, store = cast.person("cashier", name="王小明"), cast.store()
    where = f"/console/team/{person.pk}/"

    assert "王小明" in boss.get("/console/team/").content.decode()
    assert boss.get(where).status_code == 200
    assert boss.post(where, {"keep": [], "role": "manager", "store": store.code}).status_code == 302
    assert staff.grants_of(Staff.objects.get(pk=person.pk)) == [Grant("manager", store.pk)]
    assert boss.post(where, {"keep": [f"manager@{store.pk}"], "role": "cashier", "store": ""}).status_code == 302
    assert len(staff.grants_of(Staff.objects.get(pk=person.pk))) == 2
    assert boss.post(where, {"keep": []}).status_code == 422
    assert boss.post(where, {"keep": [], "role": "administrator", "store": store.code}).status_code == 422


def test_leaving_and_coming_back(boss: Client) -> None:
    person = cast.person("cashier")

    boss.post(f"/console/team/{person.pk}/deactivate/")
    assert not Staff.objects.get(pk=person.pk).is_active
    boss.post(f"/console/team/{person.pk}/reactivate/")
    assert Staff.objects.get(pk=person.pk).is_active


def test_invite(boss: Client) -> None:
    assert boss.get("/console/team/invite/").status_code == 200
    assert boss.post("/console/team/invite/", {"role": ""}).status_code == 422

    shown = boss.post("/console/team/invite/", {"role": "cashier", "store": ""}).content.decode()

    link = re.search(r"http://testserver(/console/welcome/[\w-]+/)", shown)
    assert link
    assert Client().get(link[1]).status_code == 200
    assert Invitation.objects.get().promised == [["cashier", None]]


def test_stores(boss: Client) -> None:
    given = {"code": "NJ-1", "name": "南京路店", "address": "", "time_zone": "Asia/Shanghai", "pack": "none"}

    assert boss.get("/console/stores/add/").status_code == 200
    assert boss.post("/console/stores/add/", given).status_code == 302
    store = Store.objects.get(code="NJ-1")
    assert boss.post("/console/stores/add/", given).status_code == 422
    assert "南京路店" in boss.get("/console/stores/?find=南京").content.decode()
    assert boss.get(f"/console/stores/{store.pk}/").status_code == 200
    assert boss.post(f"/console/stores/{store.pk}/", given | {"time_zone": "Mars"}).status_code == 422
    assert boss.post(f"/console/stores/{store.pk}/", given | {"name": "新店"}).status_code == 302
    store.refresh_from_db()
    assert (store.name, store.is_open) == ("新店", False)


def test_tills(boss: Client) -> None:
    store = cast.store()
    add = f"/console/stores/{store.pk}/tills/add/"

    assert boss.post(add, {"name": "一号"}).status_code == 302
    assert boss.post(add, {"name": "一号"}).status_code == 422
    till = store.tills.get()
    assert boss.get(f"/console/stores/tills/{till.pk}/").status_code == 200
    assert boss.post(f"/console/stores/tills/{till.pk}/", {"name": "二号"}).status_code == 302
    till.refresh_from_db()
    assert (till.name, till.is_open) == ("二号", False)
    assert boss.post(f"/console/stores/tills/{till.pk}/", {"name": ""}).status_code == 422


def test_keys(boss: Client) -> None:
    assert boss.get("/console/keys/create/").status_code == 200
    assert boss.post("/console/keys/create/", {"name": "x"}).status_code == 422
    assert (
        boss.post("/console/keys/create/", {"name": "x", "scopes": "stores:read", "last_day": "2020-01-01"}).status_code == 422
    )

    shown = boss.post("/console/keys/create/", {"name": "收银软件", "scopes": ["charges:write"]}).content.decode()

    secret = re.search(r"cz_live_[\w-]{43}", shown)
    assert secret
    listed = boss.get("/console/keys/").content.decode()
    assert "收银软件" in listed
    assert secret[0] not in listed
    key = ApiKey.objects.get()
    assert "cz_live_" in boss.post(f"/console/keys/{key.pk}/rotate/").content.decode()
    boss.post(f"/console/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at
    assert boss.post(f"/console/keys/{key.pk}/rotate/").status_code == 302


@pytest.mark.parametrize("where", ["/console/team/0/", "/console/stores/0/", "/console/stores/tills/0/"])
def test_what_is_not_there_is_not_found(boss: Client, where: str) -> None:
    assert boss.get(where).status_code == 404


def test_a_name_is_text_and_never_markup(boss: Client) -> None:
    cast.person("cashier", name="<script>alert(1)</script>{{7*7}}")

    shown = boss.get("/console/team/").content.decode()

    assert "<script>alert" not in shown
    assert "{{7*7}}" in shown
