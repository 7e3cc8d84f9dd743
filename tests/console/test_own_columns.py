import csv
import io
import re
from typing import Any

import openpyxl
import pytest
from django.test import Client

import cast
from chuzhi.console.listings import tasks
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import fields, profiles
from chuzhi.customers.field_models import CustomField
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind
from chuzhi.organization.lists.models import SavedView, TakenList

pytestmark = pytest.mark.django_db
HERE = "/console/customers/"
TAKE = "/console/lists/customers/take/"


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("manager"))


def field(key: str, kind: Kind = Kind.TEXT, **more: Any) -> CustomField:
    return fields.define(key=key, kind=kind, label_zh=key, label_en=key.title(), by=cast.OWNER, **more)


def person(name: str, **custom: object) -> Customer:
    return profiles.register(name=name, custom=custom, by=cast.OWNER)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def cells(answer: object) -> list[list[str]]:
    """What stands in the rows of the list, without the boxes to tick."""
    rows = re.findall(r"<tr>(.*?)</tr>", said(answer).partition('id="rows"')[2], re.DOTALL)
    found = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)] for row in rows
    ]
    return [row[1:] for row in found if row]


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


class TestPage:
    def test_a_field_of_the_shop_is_a_column_like_others(self, page: Client) -> None:
        field("size", Kind.CHOICE, options=[("m", "中号", "Medium")])
        field("spent", Kind.MONEY, currency="CNY")
        field("met", Kind.DAY)
        person("Ann", size="m", spent=1234_50, met="2026-05-31")
        person("Bob")

        answer = page.get(f"{HERE}?columns=name&columns=custom.size&columns=custom.spent&columns=custom.met")

        assert cells(answer) == [["Ann", "Medium", "CN¥1,234.50", "2026-05-31"], ["Bob", "", "", ""]]
        assert "custom.size" in said(page.get(HERE))
        assert "Medium" not in said(page.get(HERE))

    def test_a_personal_one_is_masked(self, page: Client) -> None:
        field("passport", is_personal=True)
        person("Ann", passport="E12345678")
        person("Bob")

        answer = page.get(f"{HERE}?columns=name&columns=custom.passport")

        assert cells(answer) == [["Ann", "••••"], ["Bob", ""]]

    def test_one_that_somebody_may_not_see_is_no_column_for_them(self, page: Client) -> None:
        field("secret", seen_by="staff.manage")
        person("Ann", secret="Rosebud")

        answer = page.get(f"{HERE}?columns=name&columns=custom.secret")

        assert 'value="custom.secret"' not in said(answer)
        assert cells(answer) == [["Ann"]]
        owner = cast.signed_in(cast.person("administrator"))
        assert cells(owner.get(f"{HERE}?columns=name&columns=custom.secret")) == [["Ann", "Rosebud"]]

    def test_an_archived_one_is_gone_and_a_view_that_shows_it_says_so(self, page: Client) -> None:
        size = field("size")
        person("Ann", size="xl")
        page.post("/console/lists/customers/views/?columns=name&columns=custom.size", {"name": "Sizes"})
        view = SavedView.objects.get()
        assert cells(page.get(HERE, {"view": view.pk}, follow=True)) == [["Ann", "xl"]]

        fields.archive(field=size, by=cast.OWNER)
        answer = page.get(HERE, {"view": view.pk})

        assert answer.status_code == 422
        assert "custom.size" in said(answer)
        assert cells(answer) == []

    def test_a_key_of_any_length_is_kept_with_a_view(self, page: Client) -> None:
        field("k" * 40)

        page.post(f"/console/lists/customers/views/?columns=custom.{'k' * 40}", {"name": "Long"})

        assert SavedView.objects.get().columns == [f"custom.{'k' * 40}"]

    def test_a_long_text_is_shortened_and_markup_stays_text(self, page: Client) -> None:
        field("story", Kind.LONG_TEXT)
        field("note")
        person("Ann", story="长" * 500, note="<script>1</script>")

        answer = said(page.get(f"{HERE}?columns=custom.story&columns=custom.note"))

        assert "长" * 79 + "…" in answer
        assert "长" * 80 not in answer
        assert "<script>1" not in answer

    def test_the_number_of_queries_does_not_grow_with_the_list(self, page: Client, django_assert_max_num_queries: Any) -> None:
        field("passport", is_personal=True)
        field("size")
        field("adviser", Kind.STAFF)
        for number in range(20):
            person(f"M{number:02}", passport=f"E{number}", size="l")
        asked = f"{HERE}?columns=custom.passport&columns=custom.size&columns=custom.adviser"

        with django_assert_max_num_queries(17):
            assert len(cells(page.get(asked))) == 20


class TestFiles:
    def test_a_file_holds_them_in_a_form_that_can_be_added_up_and_sorted(self, page: Client) -> None:
        field("spent", Kind.MONEY, currency="CNY")
        field("met", Kind.DAY)
        field("score", Kind.DECIMAL)
        field("word")
        person("Ann", spent=1234_50, met="2026-05-31", score="-2.5", word="=1+1")
        chosen = "&".join(f"columns=custom.{key}" for key in ("spent", "met", "score", "word"))

        csv_file = page.post(f"{TAKE}?{chosen}", {"form": "csv"})
        xlsx = page.post(f"{TAKE}?{chosen}", {"form": "xlsx"})

        assert sorted(zip(*table(csv_file.content)[:2], strict=True)) == [
            ("Met", "2026-05-31"), ("Score", "-2.5"), ("Spent", "1234.50"), ("Word", "'=1+1"),
        ]  # fmt: skip
        rows = openpyxl.load_workbook(io.BytesIO(xlsx.content)).worksheets[0]
        assert [cell.value for cell in rows[2]] == table(csv_file.content)[1]

    @pytest.mark.parametrize(("role", "told"), [("manager", "E12345678"), ("auditor", "••••")])
    def test_a_personal_one_is_whole_only_for_those_who_may_see_it(self, role: str, told: str) -> None:
        field("passport", is_personal=True)
        person("Ann", passport="E12345678")

        answer = cast.signed_in(cast.person(role)).post(f"{TAKE}?columns=custom.passport", {"form": "csv"})

        assert table(answer.content)[1] == [told]
        assert AuditEntry.objects.get(action="list.exported").facts["is_unmasked"] == (role == "manager")

    def test_the_worker_writes_them_too(self, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        field("size")
        person("Ann", size="xl")
        monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 0)

        place = page.post(f"{TAKE}?columns=name&columns=custom.size", {"form": "csv"})["Location"]
        tasks.take(TakenList.objects.get().pk)

        assert table(page.get(f"{place}file/").content)[:2] == [["Name", "Size"], ["Ann", "xl"]]

    def test_a_field_hidden_since_is_not_in_the_file(self, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        size = field("size")
        person("Ann", size="xl")
        monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 0)
        place = page.post(f"{TAKE}?columns=name&columns=custom.size", {"form": "csv"})["Location"]

        fields.change(field=size, seen_by="staff.manage", by=cast.OWNER)
        tasks.take(TakenList.objects.get().pk)

        assert table(page.get(f"{place}file/").content)[:2] == [["Name"], ["Ann"]]
