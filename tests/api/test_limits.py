import base64
from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.limits.models import Limit, Raise
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("limits:read", "limits:write", "raises:write", "topups:write")


def body(wallet: Wallet, **more: object) -> dict[str, object]:
    return {
        "customer": str(wallet.customer_id), "kind": "held", "currency": "CNY", "amount": 9000_00, "reason": "a wedding",
        "ends_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
        "documents": [{"name": "id.pdf", "content": base64.b64encode(b"%PDF-").decode()}],
    } | more  # fmt: skip


def test_effective_limits_name_their_origin(program: Program, wallet: Wallet, store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
    made = program.post("/limits", {"kind": "a_day", "currency": "CNY", "amount": 800_00, "method": "cash"}).json()
    shop.top_up(wallet, 300_00, store)

    answer = program.get(f"/wallets/{wallet.pk}/limits", store=store.pk, method="cash").json()

    kinds = {each["kind"]: each for each in answer["limits"]}
    assert answer["pack"] == "cn-national"
    assert kinds["at_once"] == {"kind": "at_once", "limit": None, "bounds": []}
    assert (kinds["held"]["limit"], kinds["held"]["bounds"][0]["rule"]) == (5000_00, "cn.held.named")
    day = kinds["a_day"]["bounds"][0]
    assert (day["origin"], day["reference"], day["used"], day["applies"]) == ("shop", made["id"], 300_00, True)


def test_a_law_s_refusal_has_rule_reason_and_source(program: Program, wallet: Wallet, store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-beijing", by=cast.OWNER)
    asked = {"wallet": str(wallet.pk), "amount": 6000_00, "method": "cash", "store": str(store.pk)}

    said = [program.post("/topups", asked, key="big") for _twice in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in said] == [(422, "pack.refused")] * 2
    assert said[1]["Idempotency-Replayed"] == "true"
    facts = said[0].json()["facts"]
    assert (facts["rule"], facts["pack"], facts["since"]) == ("cn.held.named", "cn-national", "2012-11-01")
    assert facts["reason"] == "A named card may hold at most CN¥5,000.00."
    assert "Measure on single-purpose" in facts["source"]


def test_a_limit_is_listed_and_lifted(program: Program) -> None:
    made = program.post("/limits", {"kind": "held", "currency": "CNY", "amount": 800_00, "tier": "gold"}).json()
    assert program.get("/limits").json()["items"] == [made]

    assert program.post(f"/limits/{made['id']}/lift", {}).status_code == 204
    assert not Limit.objects.exists()
    assert program.post(f"/limits/{made['id']}/lift", {}).json()["code"] == "limit.unknown"


def test_an_application_is_made_and_decided_by_another_program(program: Program, wallet: Wallet) -> None:
    asked = program.post("/limit-raises", body(wallet))
    assert (asked.status_code, asked.json()["status"], asked.json()["documents"]) == (201, "asked", ["id.pdf"])
    address = f"/limit-raises/{asked.json()['id']}"

    granted = Program("raises:review").post(f"{address}/grant", {"reason": "known"})

    assert (granted.status_code, granted.json()["status"]) == (200, "granted")
    assert program.get(address).json()["decided_by"].startswith("key:")
    assert program.get("/limit-raises", status="granted").json()["items"][0]["id"] == asked.json()["id"]
    assert program.post(f"{address}/withdraw", {}).json()["status"] == "withdrawn"


def test_who_asked_cannot_decide(wallet: Wallet) -> None:
    both = Program("raises:write", "raises:review")
    number = both.post("/limit-raises", body(wallet)).json()["id"]

    answers = [both.post(f"/limit-raises/{number}/{way}", {"reason": "me"}) for way in ("grant", "refuse")]

    assert [answer.json()["code"] for answer in answers] == ["approval.second_person"] * 2
    assert Raise.objects.get().is_open


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"documents": []}, 400, "request.invalid"),
        ({"documents": [{"name": "a", "content": "***"}]}, 400, "request.invalid"),
        ({"documents": [{"name": "a", "content": "AAAA"}]}, 422, "document.type"),
        ({"ends_on": "2026-02-30"}, 400, "request.invalid"),
        ({"ends_on": "2020-01-01"}, 422, "raise.unusable"),
        ({"customer": "999999999"}, 404, "customer.unknown"),
        ({"amount": 0}, 400, "request.invalid"),
    ],
)
def test_what_is_not_whole_is_refused(
    program: Program, wallet: Wallet, wrong: dict[str, object], status: int, code: str
) -> None:
    answer = program.post("/limit-raises", body(wallet, **wrong))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Raise.objects.exists()
