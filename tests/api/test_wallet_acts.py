from datetime import timedelta
from typing import Any

import make
import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.chart import Standing
from chuzhi.organization.lists import acting, keeping
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import ApiKey
from chuzhi.wallets import accounts, queries, tasks
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db
SCOPE = "wallets:bulk"
FREEZE = {"do": "freeze", "reason": "court order 7"}


@pytest.fixture
def program(db: None) -> Program:
    return Program(SCOPE)


@pytest.fixture
def bearer(programme: Programme) -> Wallet:
    return accounts.open_wallet(programme=programme, customer=None, key=make.key(), by=cast.OWNER)


def planned(program: Program, **asked: Any) -> str:
    return str(program.post("/wallet-acts", asked).json()["id"])


def standing(wallet: Wallet) -> Standing:
    return queries.standing(wallet).standing


def test_a_plan_says_how_many_and_which_and_does_nothing(program: Program, wallet: Wallet, bearer: Wallet) -> None:
    plan = program.post("/wallet-acts", {"filters": {"programme": str(wallet.programme_id)}})

    assert plan.status_code == 201
    told = plan.json()
    assert (told["state"], told["do"], told["reason"], told["count"]) == ("planned", None, None, 2)
    assert told["counts"] == {"waiting": 2, "done": 0, "refused": 0}
    assert {(one["id"], one["customer"], one["programme"]) for one in told["sample"]} == {
        (str(wallet.pk), str(wallet.customer_id), str(wallet.programme_id)),
        (str(bearer.pk), None, str(wallet.programme_id)),
    }
    assert (standing(wallet), standing(bearer)) == (Standing.OPEN, Standing.OPEN)


def test_frozen_with_a_reason_and_freed_by_the_opposite_act(program: Program, wallet: Wallet, bearer: Wallet) -> None:
    numbers = [str(wallet.pk), str(bearer.pk)]
    act = planned(program, wallets=numbers)

    done = program.post(f"/wallet-acts/{act}/start", FREEZE).json()
    frozen = (standing(wallet), standing(bearer))
    program.post(f"/wallet-acts/{planned(program, wallets=numbers)}/start", {"do": "unfreeze", "reason": "lifted"})

    assert (done["state"], done["do"], done["reason"]) == ("done", "freeze", "court order 7")
    assert done["counts"] == {"waiting": 0, "done": 2, "refused": 0}
    assert program.get(f"/wallet-acts/{act}").json() == done
    assert frozen == (Standing.FROZEN, Standing.FROZEN)
    assert (standing(wallet), standing(bearer)) == (Standing.OPEN, Standing.OPEN)
    entries = Program("wallets:read").get(f"/wallets/{wallet.pk}/entries").json()["items"]
    assert [(one["reason"], one["by"]) for one in entries] == [
        ("lifted", f"key:{program.key.pk}"),
        ("court order 7", f"key:{program.key.pk}"),
    ]
    assert set(AuditEntry.objects.filter(action="bulk.started").values_list("actor", flat=True)) == {f"key:{program.key.pk}"}


def test_by_the_filters_of_the_page(program: Program, wallet: Wallet, bearer: Wallet) -> None:
    Wallet.objects.filter(pk=bearer.pk).update(created_at=timezone.now() - timedelta(days=9))
    today, old = timezone.localdate().isoformat(), (timezone.localdate() - timedelta(days=8)).isoformat()
    asked: list[tuple[dict[str, str], set[Wallet]]] = [
        ({}, {wallet, bearer}),
        ({"holder": "named"}, {wallet}),
        ({"holder": "bearer"}, {bearer}),
        ({"opened_since": old}, {wallet}),
        ({"opened_until": old}, {bearer}),
        ({"programme": str(wallet.programme_id), "opened_since": today}, {wallet}),
    ]

    for filters, meant in asked:
        told = program.post("/wallet-acts", {"filters": filters}).json()
        assert {one["id"] for one in told["sample"]} == {str(each.pk) for each in meant}, filters


def test_which_a_shared_view_shows(program: Program, wallet: Wallet, bearer: Wallet) -> None:
    looks: dict[str, Any] = {"list_name": "wallets", "columns": [], "sort": "", "is_shared": True, "by": cast.actor("manager")}
    view = keeping.keep(name="Bearers", filters={"holder": "bearer", "programme": str(bearer.programme_id)}, **looks)
    unusable = [
        keeping.keep(name=str(filters), filters=filters, **looks) for filters in ({"programme": "77777"}, {"colour": "red"})
    ]
    other = keeping.keep(name="Mine", filters={}, **(looks | {"is_shared": False}))

    assert [one["id"] for one in program.post("/wallet-acts", {"view": str(view.pk)}).json()["sample"]] == [str(bearer.pk)]
    for gone in unusable:
        assert program.post("/wallet-acts", {"view": str(gone.pk)}).json()["code"] == "saved_view.unusable"
    assert program.post("/wallet-acts", {"view": str(other.pk)}).json()["code"] == "saved_view.unknown"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bulk.choose_one_way"),
        ({"wallets": ["1"], "filters": {}}, "bulk.choose_one_way"),
        ({"wallets": []}, "bulk.nothing_chosen"),
        ({"wallets": ["999999"]}, "bulk.nothing_chosen"),
        ({"filters": {"opened_until": "1999-01-01"}}, "bulk.nothing_chosen"),
        ({"filters": {"programme": "77777"}}, "programme.unknown"),
        ({"view": "999999"}, "saved_view.unknown"),
        ({"filters": {"holder": "nobody"}}, "request.invalid"),
        ({"filters": {"find": "Ann"}}, "request.invalid"),
    ],
)
def test_none_is_chosen_by_mistake(program: Program, wallet: Wallet, asked: dict[str, Any], code: str) -> None:
    assert program.post("/wallet-acts", asked).json()["code"] == code
    assert not BulkAct.objects.exists()


def test_too_many_are_refused(program: Program, wallet: Wallet, bearer: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "MOST_ROWS", 1)

    assert program.post("/wallet-acts", {"filters": {}}).json()["code"] == "list.too_long"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"do": "freeze"}, "request.invalid"),
        ({"do": "freeze", "reason": ""}, "request.invalid"),
        ({"do": "freeze", "reason": " \n"}, "reason.missing"),
        ({"do": "freeze", "reason": "x" * 201}, "request.invalid"),
        ({"do": "close", "reason": "x"}, "request.invalid"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(
    program: Program, wallet: Wallet, asked: dict[str, Any], code: str
) -> None:
    act = planned(program, wallets=[str(wallet.pk)])

    assert program.post(f"/wallet-acts/{act}/start", asked).json()["code"] == code
    assert program.get(f"/wallet-acts/{act}").json()["state"] == "planned"


def test_asked_twice_it_is_done_once(program: Program, wallet: Wallet) -> None:
    act = planned(program, wallets=[str(wallet.pk)])
    program.post(f"/wallet-acts/{act}/start", FREEZE)

    again = program.post(f"/wallet-acts/{act}/start", {"do": "unfreeze", "reason": "lifted"})

    assert (again.status_code, again.json()["code"]) == (422, "bulk.decided")
    assert standing(wallet) is Standing.FROZEN


def test_one_that_is_refused_is_told_with_the_reason_and_the_others_are_done(
    program: Program, wallet: Wallet, bearer: Wallet
) -> None:
    accounts.close(wallet=bearer, reason="over", key=make.key(), by=cast.OWNER)
    act = planned(program, filters={})

    done = program.post(f"/wallet-acts/{act}/start", FREEZE).json()
    page = program.get(f"/wallet-acts/{act}/refused", limit=1).json()

    assert done["counts"] == {"waiting": 0, "done": 1, "refused": 1}
    assert [(one["wallet"], one["code"]) for one in page["items"]] == [(str(bearer.pk), "wallet.closed")]
    assert page["next_cursor"] is None
    assert standing(wallet) is Standing.FROZEN


def test_an_act_is_whose_it_is_and_of_its_list(program: Program, wallet: Wallet) -> None:
    both = Program(SCOPE, "customers:bulk")
    act, other = planned(both, wallets=[str(wallet.pk)]), both.post("/customer-acts", {"filters": {}}).json()["id"]

    for reader, address in (
        (program, f"/wallet-acts/{act}"),
        (both, f"/wallet-acts/{other}"),
        (both, f"/customer-acts/{act}"),
    ):
        answer = reader.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "bulk.unknown")
    assert both.post(f"/wallet-acts/{act}/undo", {}).status_code == 404


def test_many_are_done_by_the_worker_as_the_program_may_then(
    program: Program, wallet: Wallet, bearer: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 0)
    first, second = planned(program, wallets=[str(wallet.pk)]), planned(program, wallets=[str(bearer.pk)])

    running = program.post(f"/wallet-acts/{first}/start", FREEZE).json()
    tasks.act(int(first))
    program.post(f"/wallet-acts/{second}/start", FREEZE)
    ApiKey.objects.filter(pk=program.key.pk).update(revoked_at=timezone.now())
    tasks.act(int(second))

    assert (running["state"], running["counts"]["waiting"]) == ("running", 1)
    assert (standing(wallet), standing(bearer)) == (Standing.FROZEN, Standing.OPEN)
    assert BulkRow.objects.get(act=second).refusal == "list.no_longer_allowed"


def test_the_act_on_the_page_and_by_a_program_are_one(wallet: Wallet) -> None:
    page = cast.signed_in(cast.person("manager"))

    place = page.post("/console/lists/wallets/act/?holder=named", {"all": "yes"}).headers["Location"]
    page.post(f"{place}start/", FREEZE)

    assert standing(wallet) is Standing.FROZEN
    assert shop.new_wallet(wallet.programme).pk not in BulkRow.objects.values_list("subject", flat=True)
