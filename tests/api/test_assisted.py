"""Assisted top-ups by the API: as an integrator's service desk would write it."""

import base64

import pytest

import cast
import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Programme, Wallet
from topups import asking

pytestmark = pytest.mark.django_db
HOME = "/assisted-top-ups"


@pytest.fixture
def wallet(programme: Programme) -> Wallet:
    return asking.known_wallet(programme)


@pytest.fixture
def desk(db: None) -> Program:
    return Program("assisted:read", "assisted:write", "wallets:read")


def taken_down(desk: Program, wallet: Wallet, **more: object) -> str:
    body = {"wallet": str(wallet.pk), "amount": 500_00, "channel": "chat", "verified": "answers"} | more
    answer = desk.post(HOME, body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def test_from_the_request_to_its_link(desk: Program, wallet: Wallet) -> None:
    pdf = base64.b64encode(b"%PDF-1.7 it is me").decode()
    number = taken_down(
        desk, wallet, speaker="other", caller="王太太", verified="document", documents=[{"name": "id.pdf", "content": pdf}]
    )

    linked = desk.post(f"{HOME}/{number}/link", {}).json()

    order = Order.objects.get()
    assert (linked["status"], linked["order"], linked["documents"]) == ("linked", order.number, ["id.pdf"])
    assert linked["pay_url"].endswith(f"/pay/order/{order.number}/")
    assert [step["kind"] for step in linked["steps"]] == ["taken_down", "link_sent"]
    assert (order.request, order.made_by) == (number, linked["agent"])
    assert [each["number"] for each in desk.get(HOME, status="linked", find=order.number).json()["items"]] == [number]
    assert desk.get(HOME, status="open").json()["items"] == []


def test_money_at_a_counter_carries_request_and_agent(desk: Program, wallet: Wallet, store: Store) -> None:
    number = taken_down(desk, wallet)
    body = {"method": "cash", "store": str(store.pk), "amount": 400_00}

    first, second = (desk.post(f"{HOME}/{number}/tender", body, key="once") for _twice in range(2))

    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (201, 200, "true")
    credit = AgentCredit.objects.get()
    assert (credit.request, credit.agent) == (number, f"key:{desk.key.pk}")
    assert queries.balance(wallet).principal == 400_00
    assert desk.get(f"{HOME}/{number}").json()["operation"] == first.json()["id"]
    assert desk.get(HOME, find=first.json()["id"], wallet=wallet.pk).json()["items"][0]["status"] == "credited"


def test_the_same_key_takes_it_down_once(desk: Program, wallet: Wallet) -> None:
    body = {"wallet": str(wallet.pk), "amount": 500_00, "channel": "phone"}

    first, second = (desk.post(HOME, body, key="once") for _twice in range(2))
    other = desk.post(HOME, body | {"amount": 1}, key="once")

    assert (first.status_code, second.status_code) == (201, 200)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert AssistedTopUp.objects.count() == 1


def test_obstacles_are_told_in_the_language_that_is_asked_for(desk: Program, wallet: Wallet) -> None:
    accounts.freeze(wallet=wallet, reason="stolen", key="k", by=cast.OWNER)
    address = f"/api/v1/wallets/{wallet.pk}/obstacles?amount=100"

    english, chinese = (
        desk.client.get(address, headers=desk.headers() | {"accept-language": language}).json()["items"][0]
        for language in ("en", "zh-hans")
    )

    assert (english["code"], english["blocks"], english["permission"], english["clears"]) == (
        "wallet.frozen", True, "wallets.freeze", True,
    )  # fmt: skip
    assert "frozen" in english["what"]
    assert "冻结" in chinese["what"]


def test_clearing_takes_the_permission_that_it_takes_elsewhere(desk: Program, wallet: Wallet) -> None:
    accounts.freeze(wallet=wallet, reason="stolen", key="k", by=cast.OWNER)
    number = taken_down(desk, wallet)
    body = {"obstacle": f"wallet.frozen:wallet:{wallet.pk}", "reason": "called back"}

    refused = desk.post(f"{HOME}/{number}/clear", body)
    done = Program("assisted:write", "wallets:freeze").post(f"{HOME}/{number}/clear", body)

    assert (refused.status_code, refused.json()["code"]) == (403, "permission.missing")
    assert (done.status_code, done.json()["steps"][-1]["reason"]) == (200, "called back")
    assert desk.post(f"{HOME}/{number}/link", {"mail": False}).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"channel": "pigeon"}, 400, "request.invalid"),
        ({"verified": "feeling"}, 400, "request.invalid"),
        ({"amount": "500"}, 400, "request.invalid"),
        ({"amount": 0}, 400, "request.invalid"),
        ({"agent": "me"}, 400, "request.invalid"),
        ({"wallet": "999999999"}, 404, "wallet.unknown"),
        ({"store": "999999999"}, 422, "store.unusable"),
        ({"speaker": "other"}, 422, "assisted.caller"),
        ({"verified": "document"}, 422, "assisted.evidence"),
        ({"documents": [{"name": "a.exe", "content": "TVo="}]}, 422, "document.type"),
        ({"documents": [{"id": "0" * 64}]}, 404, "document.unknown"),
    ],
)
def test_what_cannot_be_is_refused(desk: Program, wallet: Wallet, wrong: dict[str, object], status: int, code: str) -> None:
    answer = desk.post(HOME, {"wallet": str(wallet.pk), "amount": 500_00, "channel": "phone"} | wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not AssistedTopUp.objects.exists()


def test_every_act_that_moves_money_needs_its_key(desk: Program, wallet: Wallet, store: Store) -> None:
    number = taken_down(desk, wallet)
    tender = {"method": "cash", "store": str(store.pk)}

    for address, body in ((f"{HOME}/{number}/link", {}), (f"{HOME}/{number}/tender", tender)):
        assert desk.post(address, body, key=None).json()["code"] == "idempotency.missing"


def test_closed_once_with_a_reason(desk: Program, wallet: Wallet) -> None:
    number = taken_down(desk, wallet)

    closed = desk.post(f"{HOME}/{number}/close", {"reason": "changed their mind"}).json()
    again = desk.post(f"{HOME}/{number}/link", {})

    assert (closed["status"], closed["closed_because"]) == ("closed", "changed their mind")
    assert (again.status_code, again.json()["code"]) == (422, "assisted.over")


def test_what_is_not_there_is_not_found(desk: Program) -> None:
    assert desk.get(f"{HOME}/HNOSUCH").json()["code"] == "assisted.unknown"
    assert desk.post(f"{HOME}/HNOSUCH/close", {"reason": "r"}).status_code == 404
    assert desk.get("/wallets/0/obstacles", amount=1).status_code == 404
    assert desk.get("/wallets/x/obstacles", amount=1).json()["code"] == "wallet.unknown"


def test_a_list_is_handed_out_in_pages(desk: Program, programme: Programme) -> None:
    numbers = [taken_down(desk, shop.new_wallet(programme)) for _each in range(3)]

    first = desk.get(HOME, limit=2).json()
    rest = desk.get(HOME, limit=2, cursor=first["next_cursor"]).json()

    assert [each["number"] for each in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next_cursor"] is None
