"""A customer's timeline, on its page and by the API: every kind of moment, in order, none lost between two pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.console.customers import story
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.desk import tickets
from chuzhi.insights import timeline
from chuzhi.organization.models import Store
from chuzhi.till import announcing
from chuzhi.wallets.models import Wallet
from chuzhi.workforce import notes

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Customer:
    return profiles.register(name="王小明", phone="13800138000", email="ming@example.com", by=cast.OWNER)


@pytest.fixture
def held(person: Customer) -> Wallet:
    return shop.new_wallet(shop.new_programme(), person)


def page(person: Customer, role: str = "manager", **asked: str) -> str:
    answer = cast.signed_in(cast.person(role)).get(f"/console/customers/{person.pk}/timeline/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(shown: str) -> int:
    return shown.count('class="moment"')


class TestPage:
    def test_every_kind_stands_there_newest_first(self, person: Customer, held: Wallet, store: Store) -> None:
        shop.top_up(held, 500_00, store)
        shop.charge(held, 12_00, store)
        notes.write(customer=person, text="Nut allergy", by=cast.OWNER)

        shown = page(person)

        places = [shown.index(text) for text in ("Nut allergy", "¥12.00", "¥500.00", "Wallet opened", "Became a customer")]
        assert places == sorted(places)

    def test_one_kind_and_some_days(self, person: Customer, held: Wallet, store: Store) -> None:
        shop.top_up(held, 500_00, store, effective_at=timezone.now() - timedelta(days=40))
        notes.write(customer=person, text="Nut allergy", by=cast.OWNER)
        long_ago = (timezone.localdate() - timedelta(days=39)).isoformat()

        assert "Nut allergy" in page(person, kind="notes")
        assert "¥500.00" not in page(person, kind="notes")
        assert "¥500.00" in page(person, until=long_ago)
        assert "¥500.00" not in page(person, since=long_ago)
        assert "Nothing like that has happened" in page(person, kind="money", since=long_ago)

    def test_nothing_is_lost_between_two_pages(self, person: Customer, held: Wallet, store: Store) -> None:
        now = timezone.now()
        for number in range(60):  # every other two at one moment
            shop.top_up(held, 100 + number, store, effective_at=now - timedelta(minutes=number // 2))

        first = page(person, kind="money")
        older = re.search(r"before=([^\"&]+)", first)
        assert older
        second = page(person, kind="money", before=older[1].replace("%3A", ":").replace("%2B", "+"))

        assert rows(first) + rows(second) == 60
        assert rows(first) >= 50

    @pytest.mark.parametrize("wrong", [{"kind": "x"}, {"since": "yesterday"}])
    def test_what_is_wrong_in_the_filter_is_said(self, person: Customer, wrong: dict[str, str]) -> None:
        answer = cast.signed_in(cast.person("manager")).get(f"/console/customers/{person.pk}/timeline/", wrong)

        assert answer.status_code == 422

    @pytest.mark.parametrize("place", ["x", "2026-01-01", "9" * 500])
    def test_a_place_that_is_none_begins_at_the_newest(self, person: Customer, place: str) -> None:
        assert "Became a customer" in page(person, before=place)

    def test_messages_are_shown_to_who_may_see_them(self, person: Customer, held: Wallet, store: Store) -> None:
        shop.top_up(held, 500_00, store)
        announcing.follow()

        assert "Receipt of a top-up" in page(person, "manager", kind="messages")
        assert "Nothing like that has happened" in page(person, "cashier", kind="messages")

    def test_tickets_are_shown_to_who_may_see_them(self, person: Customer) -> None:
        ticket = tickets.open_ticket(
            customer=person, kind="complaint", channel="phone", subject="charged twice", text="", key="k", by=cast.OWNER
        )

        shown = page(person, "service", kind="tickets")
        assert f"/console/tickets/{ticket.pk}/" in shown
        assert "charged twice" in shown
        assert "Nothing like that has happened" in page(person, "cashier", kind="tickets")

    def test_each_act_of_the_story_has_its_words(self) -> None:
        assert set(story.ACTS) == set(timeline.ACTS)
        assert set(story.KINDS) == set(timeline.SOURCES)


class TestByProgram:
    def test_page_by_page(self, client: Client, person: Customer, held: Wallet, store: Store) -> None:
        for number in range(5):
            shop.top_up(held, 100_00 + number, store)
        notes.write(customer=person, text="Nut allergy", by=cast.OWNER)
        headers = {"authorization": f"Bearer {cast.key('customers:read', 'wallets:read')[1]}"}
        where, found, cursor = f"/api/v1/customers/{person.pk}/timeline", [], ""

        while cursor is not None:
            answer = client.get(where, {"limit": 3} | ({"cursor": cursor} if cursor else {}), headers=headers).json()
            found += answer["items"]
            cursor = answer["next_cursor"]

        whats = [one["what"] for one in found]
        assert (whats[0], whats.count("top_up"), whats[-1]) == ("note", 5, "customer.registered")
        assert found[0]["text"] == "Nut allergy"
        assert [one["entry"]["amount"] for one in found if one["entry"]] == [100_04, 100_03, 100_02, 100_01, 100_00]

    def test_a_key_is_told_what_its_scopes_let_it_read(
        self, client: Client, person: Customer, held: Wallet, store: Store
    ) -> None:
        shop.top_up(held, 100_00, store)
        values = {"customer": person, "kind": "question", "channel": "online", "subject": "hours", "text": "", "key": "k"}
        ticket = tickets.open_ticket(by=cast.OWNER, **values)  # type: ignore[arg-type]  # any facts
        headers = {"authorization": f"Bearer {cast.key('customers:read')[1]}"}

        answer = client.get(f"/api/v1/customers/{person.pk}/timeline", headers=headers).json()

        assert {one["kind"] for one in answer["items"]} == {"record"}
        both = {"authorization": f"Bearer {cast.key('customers:read', 'tickets:read')[1]}"}
        [told] = client.get(f"/api/v1/customers/{person.pk}/timeline", {"kind": "tickets"}, headers=both).json()["items"]
        assert (told["what"], told["text"], told["ticket"]) == ("question", "hours", str(ticket.pk))

    @pytest.mark.parametrize(
        ("where", "status"),
        [("0/timeline", 404), ("x/timeline", 404), ("{pk}/timeline?cursor=zzz", 400), ("{pk}/timeline?kind=x", 400)],
    )
    def test_what_cannot_be_answered_is_said(self, client: Client, person: Customer, where: str, status: int) -> None:
        headers = {"authorization": f"Bearer {cast.key('customers:read')[1]}"}

        answer = client.get(f"/api/v1/customers/{where.format(pk=person.pk)}", headers=headers)

        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
