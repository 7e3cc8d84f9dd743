"""Colleagues from a file, on the pages."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

import cast
from chuzhi.organization.models import Invitation, Staff

pytestmark = pytest.mark.django_db
BRING = "/console/team/import/"
TABLE = "姓名,用户名,岗位,门店\n韩梅梅,hmm,收银员,全部门店\n李雷,li lei,店长,全部门店\n"


@pytest.fixture
def boss() -> Client:
    return cast.signed_in(cast.person("administrator"))


def brought(browser: Client, table: str = TABLE) -> HttpResponse:
    return browser.post(BRING, {"file": SimpleUploadedFile("staff.csv", table.encode())})  # type: ignore[return-value]  # of the test client


def test_a_table_is_looked_at_then_links_are_shown_and_used(boss: Client) -> None:
    assert BRING in boss.get("/console/team/").content.decode()
    page = brought(boss)["Location"]
    looked = boss.get(page).content.decode()
    assert ("韩梅梅" in looked, "A username has 2 to 40" in looked, Invitation.objects.exists()) == (True, True, False)

    shown = boss.post(page).content.decode()

    link = re.search(r"http://testserver(/console/welcome/[\w-]+/)", shown)
    assert link
    newcomer = Client()
    asked = newcomer.get(link[1]).content.decode()
    assert ('value="hmm"' in asked, 'value="韩梅梅"' in asked) == (True, True)
    given = {"name": "韩梅梅", "username": "hmm", "password": cast.PASSWORD, "again": cast.PASSWORD}
    assert newcomer.post(link[1], given).status_code == 302
    assert Staff.objects.get(username="hmm").check_password(cast.PASSWORD)
    again = boss.post(page).content.decode()
    assert ("Nobody was new" in again, "/console/welcome/" in again) == (True, False)


def test_columns_that_are_not_known_are_chosen(boss: Client) -> None:
    page = brought(boss, "谁,号,干什么,在哪\n韩梅梅,hmm,收银员,全部\n")["Location"]
    asked = boss.get(page)
    assert (asked.status_code, "each need a column" in asked.content.decode()) == (422, True)

    boss.post(f"{page}?name=谁&username=号&role=干什么&store=在哪&email=&language=")

    assert Invitation.objects.get().username == "hmm"


@pytest.mark.parametrize("table", ["", "姓名,用户名,岗位\n", "\0\1"])
def test_what_cannot_be_looked_at_is_said(boss: Client, table: str) -> None:
    answer = brought(boss, table)

    assert (answer.status_code, 'aria-invalid="true"' in answer.content.decode()) == (422, True)


def test_a_file_that_is_not_kept_is_asked_for_again(boss: Client) -> None:
    answer = boss.post(f"{BRING}{'0' * 64}/", follow=True)

    assert "The file is not kept any more" in answer.content.decode()


def test_a_manager_of_a_store_brings_nobody() -> None:
    manager = cast.signed_in(cast.person("manager"))

    assert brought(manager).status_code == 403
    assert not Invitation.objects.exists()
