import base64
from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.refunds.models import RefundRequest
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def golden(store: Store) -> Wallet:
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme(bands=[(3000_00, 1000_00)]))
    shop.top_up(wallet, 3000_00, store, effective_at=timezone.now() - timedelta(days=30))
    shop.charge(wallet, 3594_00, store)
    return wallet


@pytest.fixture
def program() -> Program:
    return Program("refund-requests:read", "refund-requests:write", "charges:write")


def body(held_in: Wallet, **more: object) -> dict[str, object]:
    proof = {"name": "contract.pdf", "content": base64.b64encode(b"%PDF-1.7").decode()}
    values = {"wallet": str(held_in.pk), "reason": "the shop moves", "method": "cash", "cause": "merchant"}
    return values | {"documents": [proof]} | more


def test_the_worked_example_line_by_line(program: Program, golden: Wallet) -> None:
    answer = program.get(f"/wallets/{golden.pk}/refund", cause="merchant").json()

    assert (answer["amount"], answer["currency"], answer["parts"][0]["terms"]) == (304_50, "CNY", 1)
    spent = answer["parts"][0]["lines"][1]
    assert (spent["step"], spent["amount"], spent["rule"]) == ("spent_in_proportion", -2695_50, "cn.refund.merchant")
    assert spent["figures"] == [3594_00, 3000_00, 4000_00]
    assert spent["reason"].startswith("Where the customer is not the cause")


def test_asked_once_decided_by_another_program_and_paid_once(program: Program, golden: Wallet) -> None:
    made = [program.post("/refund-requests", body(golden, expected=304_50), key="case-1") for _twice in range(2)]
    assert made[0].status_code == 201
    assert made[1].json()["id"] == made[0].json()["id"]
    address = f"/refund-requests/{made[0].json()['id']}"
    other = Program("refund-requests:decide", "refund-requests:pay")

    assert other.post(f"{address}/approve", {"reason": "fine"}).json()["status"] == "approved"
    paid = [other.post(f"{address}/pay", {"method": "bank", "reference": "ICBC 7"}) for _twice in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in paid] == [(200, "paid")] * 2
    assert queries.balance(golden) == Balance()
    listed = program.get("/refund-requests", status="paid").json()["items"]
    assert (listed[0]["reference"], listed[0]["parts"][0]["amount"]) == ("ICBC 7", 304_50)


def test_spending_meanwhile_is_refused_with_the_reason(program: Program, golden: Wallet, store: Store) -> None:
    program.post("/refund-requests", body(golden))

    answer = program.post("/charges", {"wallet": str(golden.pk), "amount": 100, "store": str(store.pk)})

    assert (answer.status_code, answer.json()["code"]) == (422, "wallet.held_for_refund")
    assert answer.json()["detail"] == "CN¥406.00 is held for a refund request: CN¥0.00 available, CN¥1.00 asked."


def test_who_asked_cannot_decide(golden: Wallet) -> None:
    both = Program("refund-requests:write", "refund-requests:decide")
    number = both.post("/refund-requests", body(golden)).json()["id"]

    answers = [both.post(f"/refund-requests/{number}/{way}", {"reason": "me"}) for way in ("approve", "refuse")]

    assert [answer.json()["code"] for answer in answers] == ["approval.second_person"] * 2
    assert both.post(f"/refund-requests/{number}/withdraw", {}).json()["status"] == "withdrawn"
    assert queries.balance(golden) == Balance(0, 406_00)


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"expected": 1}, 422, "refund_request.changed"),
        ({"cause": "customer"}, 422, "refund_request.nothing"),
        ({"method": "bank"}, 422, "refund_request.unusable"),
        ({"documents": []}, 400, "request.invalid"),
        ({"topups": ["63-999999"]}, 422, "refund_request.nothing"),
        ({"wallet": "999999999"}, 404, "wallet.unknown"),
        ({"gifts": -1}, 400, "request.invalid"),
    ],
)
def test_what_is_not_whole_changes_nothing(
    program: Program, golden: Wallet, wrong: dict[str, object], status: int, code: str
) -> None:
    answer = program.post("/refund-requests", body(golden, **wrong))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not RefundRequest.objects.exists()
    assert queries.balance(golden) == Balance(0, 406_00)


def test_it_needs_a_key_and_must_exist(program: Program, golden: Wallet) -> None:
    assert program.post("/refund-requests", body(golden), key=None).json()["code"] == "idempotency.missing"
    assert (
        Program("refund-requests:pay")
        .post("/refund-requests/77/pay", {"method": "cash", "reference": "7"}, key=None)
        .json()["code"]
        == "idempotency.missing"
    )
    assert program.get("/refund-requests/77").json()["code"] == "refund_request.unknown"
