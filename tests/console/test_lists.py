import csv
import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.console.listings import tasks
from chuzhi.console.listings.every import LISTINGS
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.organization.lists import taking
from chuzhi.organization.lists.models import SavedView, TakenList, UsualView
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HERE = "/console/customers/"
VIEWS = "/console/lists/customers/views/"
TAKE = "/console/lists/customers/take/"


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("manager"))


def person(name: str, **more: Any) -> Customer:
    return profiles.register(name=name, by=cast.OWNER, **more)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def names(answer: object) -> list[str]:
    """The customers of the table, in its order."""
    return re.findall(r'<a class="link" href="/console/customers/\d+/">([^<]+)</a>', said(answer))


def table(answer: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]  # as above


def view_of(client: Client, name: str, query: str = "", **more: str) -> SavedView:
    client.post(f"{VIEWS}?{query}", {"name": name} | more)
    return SavedView.objects.get(name=name)


class TestPages:
    def test_rows_that_come_in_between_move_nobody_to_another_page(self, page: Client) -> None:
        for number in range(30):
            person(f"M{number:02}")
        first = page.get(HERE)
        following = re.findall(r'href="(\?[^"]*after=\d+)"', said(first))[0].replace("&amp;", "&")

        person("A")
        person("Z")
        second = page.get(HERE + following)

        assert names(first) == [f"M{number:02}" for number in range(25)]
        assert names(second) == [*(f"M{number:02}" for number in range(25, 30)), "Z"]
        back = re.findall(r'href="(\?[^"]*before=\d+)"', said(second))[0].replace("&amp;", "&")
        assert names(page.get(HERE + back)) == names(first)

    def test_sorted_by_a_heading_and_the_other_way_round(self, page: Client) -> None:
        for name in ("Ann", "Cleo", "Bob"):
            person(name)

        assert names(page.get(HERE)) == ["Ann", "Bob", "Cleo"]
        assert names(page.get(HERE, {"sort": "-name"})) == ["Cleo", "Bob", "Ann"]
        assert names(page.get(HERE, {"sort": "-number"})) == ["Bob", "Cleo", "Ann"]
        assert names(page.get(HERE, {"sort": "phone"})) == ["Ann", "Bob", "Cleo"]
        assert 'aria-sort="descending"' in said(page.get(HERE, {"sort": "-name"}))

    def test_columns_are_chosen_one_by_one(self, page: Client) -> None:
        person("Ann", external_id="crm-7")

        answer = said(page.get(f"{HERE}?columns=name&columns=external_id"))

        assert "crm-7" in answer
        assert ">Phone</th>" not in answer

    def test_how_many_match_is_said_without_counting_more_than_is_quick(
        self, page: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(26):
            person(f"M{number:02}")

        assert "26 match" in said(page.get(HERE))
        monkeypatch.setattr("chuzhi.console.lists.sources.MOST_COUNTED", 20)
        monkeypatch.setattr("chuzhi.console.lists.pages.MOST_COUNTED", 20)
        assert "More than 20 match" in said(page.get(HERE))

    @pytest.mark.parametrize("sort", ["name", "-name", "created", "-changed", "number"])
    def test_an_order_ends_in_what_no_two_rows_share(self, sort: str) -> None:
        for listing in LISTINGS.values():
            for column in listing.columns:
                assert not column.order or column.order[-1].lstrip("-") in {"id", "seq"}, (listing.name, column.name, sort)


class TestFilters:
    def test_each_narrows_the_list(self, page: Client) -> None:
        store = cast.store()
        person("Ann", tags=["VIP"], home_store=store)
        person("Bob", tags=["VIP"])
        person("Cleo", home_store=store)
        today, earlier = timezone.localdate().isoformat(), (timezone.localdate() - timedelta(days=1)).isoformat()

        assert names(page.get(HERE, {"tag": "VIP"})) == ["Ann", "Bob"]
        assert names(page.get(HERE, {"home_store": store.pk})) == ["Ann", "Cleo"]
        assert names(page.get(HERE, {"tag": "VIP", "home_store": store.pk})) == ["Ann"]
        assert names(page.get(HERE, {"find": "bo"})) == ["Bob"]
        assert names(page.get(HERE, {"created_since": today, "created_until": today})) == ["Ann", "Bob", "Cleo"]
        assert names(page.get(HERE, {"created_until": earlier})) == []
        assert names(page.get(HERE, {"has_wallet": "yes"})) == []
        assert names(page.get(HERE, {"has_wallet": "no"})) == ["Ann", "Bob", "Cleo"]

    @pytest.mark.parametrize(
        ("asked", "complaint"),
        [
            ({"created_since": "soon"}, "Enter a valid date"),
            ({"home_store": "77"}, "Select a valid choice"),
            ({"created_since": "2026-03-02", "created_until": "2026-03-01"}, "before the first day"),
        ],
    )
    def test_what_cannot_be_looked_for_is_said_at_its_field(self, page: Client, asked: dict[str, str], complaint: str) -> None:
        person("Ann")

        answer = page.get(HERE, asked)

        assert answer.status_code == 422
        assert complaint in said(answer)
        assert names(answer) == []


class TestViews:
    def test_a_view_keeps_filters_columns_and_order_but_not_whom_somebody_looked_for(self, page: Client) -> None:
        person("Ann", tags=["VIP"])
        person("Bob", tags=["VIP"])

        view = view_of(page, "Regulars", "tag=VIP&find=138&columns=name&columns=created&sort=-name")
        answer = page.get(HERE, {"view": view.pk}, follow=True)

        assert (view.filters, view.columns, view.sort) == ({"tag": "VIP"}, ["name", "created"], "-name")
        assert names(answer) == ["Bob", "Ann"]

    def test_a_colleague_sees_a_shared_view_and_no_private_one(self, page: Client) -> None:
        private, shared = view_of(page, "Mine"), view_of(page, "Ours", is_shared="yes")
        other = cast.signed_in(cast.person("cashier"))

        assert "Ours" in said(other.get(HERE))
        assert "Mine" not in said(other.get(HERE))
        assert other.get(HERE, {"view": private.pk}).status_code == 404
        assert other.post(f"/console/lists/views/{private.pk}/remove/").status_code == 404
        other.post(f"/console/lists/views/{shared.pk}/remove/")
        assert SavedView.objects.filter(pk=shared.pk).exists()

    def test_saved_again_under_its_name_it_takes_the_place(self, page: Client) -> None:
        view_of(page, "Mine", "tag=A")

        view_of(page, "Mine", "tag=B")

        assert SavedView.objects.get().filters == {"tag": "B"}

    @pytest.mark.parametrize("name", ["", "   ", "x" * 61])
    def test_a_view_has_a_name(self, page: Client, name: str) -> None:
        answer = page.post(VIEWS, {"name": name}, follow=True)

        assert "Give the view a name" in said(answer)
        assert not SavedView.objects.exists()

    def test_a_list_opens_with_what_somebody_always_looks_at(self, page: Client) -> None:
        person("Ann", tags=["VIP"])
        person("Bob")
        view = view_of(page, "Regulars", "tag=VIP")

        page.post(f"/console/lists/views/{view.pk}/usual/")

        assert names(page.get(HERE, follow=True)) == ["Ann"]
        assert names(page.get(HERE, {"view": ""})) == ["Ann", "Bob"]
        page.post(f"/console/lists/views/{view.pk}/usual/", {"not": "yes"})
        assert not UsualView.objects.exists()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"filters": {"shoe_size": "42"}}, "shoe_size"),
            ({"columns": ["shoes"]}, "shoes"),
            ({"filters": {"home_store": "77"}}, "Home store"),
        ],
    )
    def test_a_view_of_what_is_gone_says_so_and_shows_no_other_rows(
        self, page: Client, change: dict[str, Any], told: str
    ) -> None:
        person("Ann")
        view = view_of(page, "Old")
        SavedView.objects.filter(pk=view.pk).update(**change)

        answer = page.get(HERE, {"view": view.pk})

        assert answer.status_code == 422
        assert "no longer here" in said(answer)
        assert told in said(answer)
        assert names(answer) == []


class TestFiles:
    def test_a_file_is_the_list_and_says_whose_copy_it_is(self, page: Client) -> None:
        for number in range(30):
            person(f"M{number:02}", tags=["VIP"])
        person("Nobody")

        answer = page.post(f"{TAKE}?tag=VIP&columns=name&columns=tags&sort=-name", {"form": "csv"})

        head, *rows = table(answer)
        assert head == ["Name", "Tags"]
        assert rows[:30] == [[f"M{number:02}", "VIP"] for number in reversed(range(30))]
        signed = dict(row for row in rows[30:] if len(row) == 2)
        assert signed["Rows"] == "30"
        assert signed["Filter"] == "Tag: VIP"
        assert "李雷" in signed["Taken by"]
        entry = AuditEntry.objects.get(action="list.exported")
        assert (entry.facts["count"], entry.facts["filters"]) == (30, {"tag": "VIP"})

    @pytest.mark.parametrize(("role", "phone"), [("manager", "'+8613800138000"), ("auditor", "138****8000")])
    def test_numbers_are_masked_for_whoever_may_not_see_them(self, role: str, phone: str) -> None:
        person("Ann", phone="13800138000")

        answer = cast.signed_in(cast.person(role)).post(f"{TAKE}?columns=phone", {"form": "csv"})

        assert table(answer)[1] == [phone]
        assert AuditEntry.objects.get(action="list.exported").facts["is_unmasked"] == (role == "manager")

    def test_what_was_typed_to_find_somebody_is_not_in_the_log(self, page: Client) -> None:
        person("Ann", phone="13800138000")

        page.post(f"{TAKE}?find=13800138000", {"form": "csv"})

        assert AuditEntry.objects.get(action="list.exported").facts["filters"] == {"find": "…"}

    def test_no_cell_runs_in_a_spreadsheet(self, page: Client) -> None:
        person("Ann", tags=["=1+1", "@x"], external_id="-2")

        answer = page.post(f"{TAKE}?columns=tags&columns=external_id", {"form": "csv"})

        assert table(answer)[1] == ["'=1+1, @x", "'-2"]

    def test_the_other_form_has_its_signature_on_a_sheet_of_its_own(self, page: Client) -> None:
        person("Ann")

        answer = page.post(f"{TAKE}?columns=name", {"form": "xlsx"})

        rows, signed = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
        assert [[cell.value for cell in row] for row in rows] == [["Name"], ["Ann"]]
        assert "Taken by" in [row[0].value for row in signed if row]

    def test_a_long_one_is_written_by_the_worker_and_is_there_for_its_owner_only(
        self, page: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(30):
            person(f"M{number:02}")
        monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 10)

        place = page.post(f"{TAKE}?columns=name", {"form": "csv"})["Location"]
        assert "written so far" in said(page.get(place))
        assert page.get(f"{place}file/").status_code == 404
        tasks.take(TakenList.objects.get().pk)

        assert "30 rows are written" in said(page.get(place))
        assert table(page.get(f"{place}file/"))[1:31] == [[f"M{number:02}"] for number in range(30)]
        assert cast.signed_in(cast.person("manager")).get(f"{place}file/").status_code == 404

    def test_a_file_is_gone_when_its_time_is_over(self, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        person("Ann")
        monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 0)
        place = page.post(TAKE, {"form": "csv"})["Location"]
        tasks.take(TakenList.objects.get().pk)

        TakenList.objects.update(expires_at=timezone.now())

        assert page.get(f"{place}file/").status_code == 404
        assert taking.forget_old() == 1
        assert not TakenList.objects.exists()

    def test_whoever_may_no_longer_take_lists_along_gets_none(self, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        person("Ann")
        monkeypatch.setattr("chuzhi.console.listings.taken.AT_ONCE", 0)
        place = page.post(TAKE, {"form": "csv"})["Location"]
        taken = TakenList.objects.get()
        taken.owner.assignments.update(role="cashier")

        tasks.take(taken.pk)

        assert not AuditEntry.objects.filter(action="list.exported").exists()
        TakenList.objects.get().owner.assignments.update(role="manager")
        assert "may no longer do it" in said(page.get(place))

    def test_a_cashier_takes_nothing_along(self) -> None:
        client = cast.signed_in(cast.person("cashier"))

        assert client.post(TAKE, {"form": "csv"}).status_code == 403
        assert "CSV" not in said(client.get(HERE))


class TestOfWallets:
    def test_a_file_tells_figures_that_can_be_added_up(self, wallet: Wallet, store: Store) -> None:
        shop.top_up(wallet, 1234_50, store)
        client = cast.signed_in(cast.person("finance"))

        answer = client.post("/console/lists/wallets/take/?columns=available&columns=state", {"form": "csv"})

        assert table(answer)[1] == ["1434.50", "Open"]

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, wallet: Wallet, django_assert_max_num_queries: Any
    ) -> None:
        for _each in range(20):
            shop.new_wallet(wallet.programme)
        client = cast.signed_in(cast.person("finance"))

        with django_assert_max_num_queries(16):
            assert said(client.get("/console/wallets/")).count("<tr>") == 22
