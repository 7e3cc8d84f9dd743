import csv
import io
import re
from typing import Any

import make
import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Standing
from chuzhi.organization.lists import acting
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, queries, tasks
from chuzhi.wallets.models import CreditBatch, Wallet

pytestmark = pytest.mark.django_db
PLAN = "/console/lists/customers/act/"


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("manager"))


def person(name: str, **more: Any) -> Customer:
    return profiles.register(name=name, by=cast.OWNER, **more)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def planned(client: Client, address: str = PLAN, **chosen: Any) -> str:
    """The page of what was chosen."""
    return str(client.post(address, chosen)["Location"])


def tags() -> dict[str, list[str]]:
    return dict(Customer.objects.values_list("name", "tags"))


def test_nothing_is_done_before_somebody_has_seen_how_many(page: Client) -> None:
    ann, bob = person("Ann"), person("Bob")
    person("Cleo")

    place = planned(page, row=[ann.pk, bob.pk, 999_999])
    shown = said(page.get(place, {"do": "add_tag"}))

    assert "2 rows are chosen" in shown
    assert "Ann · Bob" in shown
    assert tags() == {"Ann": [], "Bob": [], "Cleo": []}


def test_done_to_all_that_match_and_undone_row_by_row(page: Client) -> None:
    for name, held in (("Ann", ["VIP"]), ("Bob", ["VIP", "new"]), ("Cleo", []), ("Dora", ["VIP", "gone"])):
        person(name, tags=held)
    before = tags()

    place = planned(page, f"{PLAN}?tag=VIP", all="yes")
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})

    assert tags() == {"Ann": ["VIP", "new"], "Bob": ["VIP", "new"], "Cleo": [], "Dora": ["VIP", "gone", "new"]}
    assert "Undo" in said(page.get(place))
    page.post(f"{place}undo/")
    assert tags() == before
    assert BulkAct.objects.get().state == BulkAct.State.UNDONE


@pytest.mark.parametrize(
    ("act", "given", "field", "becomes"),
    [("remove_tag", {"tag": "VIP"}, "tags", []), ("home_store", {"store": ""}, "home_store_id", None)],
)
def test_every_act_on_customers_is_put_back(page: Client, act: str, given: dict[str, str], field: str, becomes: object) -> None:
    ann = person("Ann", tags=["VIP"], home_store=cast.store())
    before = getattr(ann, field)

    place = planned(page, row=[ann.pk])
    page.post(f"{place}start/", {"do": act} | given)
    after = getattr(Customer.objects.get(), field)
    page.post(f"{place}undo/")

    assert (after, getattr(Customer.objects.get(), field)) == (becomes, before)


def test_who_was_changed_since_stays_and_is_named(page: Client) -> None:
    ann, bob = person("Ann"), person("Bob")
    place = planned(page, row=[ann.pk, bob.pk])
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})
    profiles.change(customer=bob, by=cast.OWNER, tags=["new", "kept"])

    page.post(f"{place}undo/")

    assert tags() == {"Ann": [], "Bob": ["new", "kept"]}
    rows = list(csv.reader(io.StringIO(page.get(f"{place}refused.csv").content.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["Name", "Bob"]
    assert "Bob" in said(page.get(place))


def test_after_an_hour_nothing_is_undone(page: Client) -> None:
    ann = person("Ann")
    place = planned(page, row=[ann.pk])
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})
    BulkAct.objects.update(done_at=timezone.now() - acting.UNDO_FOR)

    answer = page.post(f"{place}undo/", follow=True)

    assert "cannot be undone" in said(answer)
    assert tags() == {"Ann": ["new"]}


def test_one_that_cannot_be_done_to_is_refused_with_its_reason_and_the_others_are_done(page: Client) -> None:
    ann, bob = person("Ann", tags=[f"t{number}" for number in range(profiles.MOST_TAGS)]), person("Bob")

    place = planned(page, row=[ann.pk, bob.pk])
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})

    assert tags()["Bob"] == ["new"]
    assert acting.tally(BulkAct.objects.get()) == {"done": 1, "refused": 1}
    assert "Ann" in said(page.get(place))


@pytest.mark.parametrize("tag", ["", "x" * 31])
def test_a_wrong_tag_is_said_at_its_field(page: Client, tag: str) -> None:
    ann = person("Ann")
    place = planned(page, row=[ann.pk])

    answer = page.post(f"{place}start/", {"do": "add_tag", "tag": tag})

    assert answer.status_code == 422
    assert BulkAct.objects.get().state == BulkAct.State.PLANNED


def test_started_once(page: Client) -> None:
    ann = person("Ann")
    place = planned(page, row=[ann.pk])
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})

    answer = page.post(f"{place}start/", {"do": "add_tag", "tag": "other"})

    assert answer.status_code == 422
    assert tags() == {"Ann": ["new"]}
    assert AuditEntry.objects.filter(action="bulk.started").count() == 1


def test_nobody_chosen_and_too_many(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    person("Ann"), person("Bob")
    monkeypatch.setattr(acting, "MOST_ROWS", 1)

    assert "Choose at least one row" in said(page.post(PLAN, follow=True))
    assert "More than 1 rows" in said(page.post(PLAN, {"all": "yes"}, follow=True))
    assert not BulkAct.objects.exists()


def test_many_are_done_by_the_worker_which_can_be_killed_at_any_row(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        person(f"M{number}")
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    place = planned(page, all="yes")
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})
    act = BulkAct.objects.get()
    assert "0 / 6" in said(page.get(place, headers={"hx-request": "true"}))

    steps = iter(range(3))
    real = acting._do
    monkeypatch.setattr(acting, "_do", lambda *given: (next(steps), real(*given)))
    with pytest.raises(StopIteration):
        tasks.act(act.pk)
    monkeypatch.setattr(acting, "_do", real)

    assert acting.tally(act) == {"done": 3, "waiting": 3}
    assert acting.unfinished() == [act.pk]
    tasks.act(act.pk)
    assert acting.tally(act) == {"done": 6}
    assert AuditEntry.objects.filter(action="customer.changed").count() == 6


def test_somebody_who_lost_the_right_meanwhile_does_nothing(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = person("Ann")
    monkeypatch.setattr(tasks, "AT_ONCE", 0)
    place = planned(page, row=[ann.pk])
    page.post(f"{place}start/", {"do": "add_tag", "tag": "new"})
    act = BulkAct.objects.get()
    act.owner.assignments.update(role="auditor")

    tasks.act(act.pk)

    assert tags() == {"Ann": []}
    assert BulkRow.objects.get().refusal == "list.no_longer_allowed"


def test_an_act_is_whose_it_is(page: Client) -> None:
    place = planned(page, row=[person("Ann").pk])

    assert cast.signed_in(cast.person("manager")).get(place).status_code == 404
    assert cast.signed_in(cast.person("cashier")).post(PLAN, {"all": "yes"}).status_code == 403
    finance = cast.signed_in(cast.person("finance"))
    assert re.findall(r'href="\?do=(\w+)"', said(finance.get(planned(finance, all="yes")))) == ["gift"]


def test_wallets_are_frozen_with_a_reason_and_freed_by_the_opposite_act(page: Client, wallet: Wallet) -> None:
    other = shop.new_wallet(wallet.programme)
    accounts.freeze(wallet=other, reason="stolen", key=make.key(), by=cast.OWNER)
    address = "/console/lists/wallets/act/"

    place = planned(page, address, row=[wallet.pk, other.pk])
    without = page.post(f"{place}start/", {"do": "freeze"})
    page.post(f"{place}start/", {"do": "freeze", "reason": "court order 7"})

    assert without.status_code == 422
    assert queries.standing(wallet).standing is Standing.FROZEN
    assert page.post(f"{place}undo/", follow=True).status_code == 200
    assert queries.standing(wallet).standing is Standing.FROZEN
    page.post(f"{planned(page, address, row=[wallet.pk])}start/", {"do": "unfreeze", "reason": "lifted"})
    assert queries.standing(wallet).standing is Standing.OPEN


def test_a_bonus_for_a_choice_is_planned_with_its_sum(page: Client, wallet: Wallet, store: Store) -> None:
    assert wallet.customer
    nobody = person("Nobody")
    place = planned(page, row=[wallet.customer.pk, nobody.pk])
    given = {"do": "gift", "programme": wallet.programme.pk, "amount": "8.80", "cause": "goodwill", "ticket": "C-7"}

    answer = page.post(f"{place}start/", given)

    batch = CreditBatch.objects.get()
    assert answer["Location"] == f"/console/credits/{batch.pk}/"
    assert (batch.count, batch.refused, batch.amount) == (1, 1, 8_80)
    assert queries.balance(wallet).bonus == 0


def test_plans_that_nobody_carried_out_are_forgotten(page: Client) -> None:
    planned(page, row=[person("Ann").pk])
    BulkAct.objects.update(planned_at=timezone.now() - acting.PLANS_WAIT * 2)

    assert acting.forget_plans() == 1
    assert not BulkRow.objects.exists()
