import re

import make
import pytest
from django.test import Client

import cast
import shop
from chuzhi.approvals.models import Request
from chuzhi.core.actors import Actor
from chuzhi.organization.models import Till
from chuzhi.wallets import adjustments, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
GIVEN = {"way": "give", "amount": "1500", "reason": "道歉", "evidence": "工单 7"}


@pytest.fixture
def asked(funded: Wallet, cashier: Actor) -> Request:
    return adjustments.ask(
        wallet=funded, way="give", amount=1500_00, reason="道歉", evidence="工单 7", key=make.key(), by=cashier
    )


def at(asked: Request, act: str = "") -> str:
    return f"/console/approvals/{asked.pk}/{act}"


def test_a_correction_is_sent_from_its_wallet_once(funded: Wallet) -> None:
    page = cast.signed_in(cast.person("cashier"))
    address = f"/console/wallets/{funded.pk}/correct/ask/"
    assert address in page.get(f"/console/wallets/{funded.pk}/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page.get(address).content.decode())
    assert key

    for _twice in range(2):
        assert page.post(address, GIVEN | {"key": key[1]}).status_code == 302

    asked = Request.objects.get()
    assert (asked.amount, asked.reason, asked.subject) == (1500_00, "道歉", f"wallet:{funded.pk}")
    assert queries.balance(funded).bonus == 80_00
    assert asked.number in page.get("/console/approvals/mine/").content.decode()


def test_a_request_that_says_too_little_is_shown_again(funded: Wallet) -> None:
    page = cast.signed_in(cast.person("cashier"))
    address = f"/console/wallets/{funded.pk}/correct/ask/"

    assert page.post(address, GIVEN | {"key": "made-up"}).status_code == 422
    assert page.post(address, GIVEN | {"evidence": ""}).status_code == 422
    assert not Request.objects.exists()


def test_the_signer_sees_what_it_changes_and_signs(asked: Request, funded: Wallet) -> None:
    page = cast.signed_in(cast.person("finance"))
    assert asked.number in page.get("/console/approvals/").content.decode()
    shown = page.get(at(asked)).content.decode()
    assert all(text in shown for text in ("CN¥580.00", "+CN¥1,500.00", "CN¥2,080.00", "工单 7", "王小明"))

    assert page.post(at(asked, "approve/")).status_code == 302

    assert queries.balance(funded).bonus == 1580_00
    assert "Carried out" in page.get(at(asked)).content.decode()
    assert asked.number not in page.get("/console/approvals/").content.decode()
    assert asked.number in page.get("/console/approvals/history/?kind=correction&state=done").content.decode()
    assert asked.number not in page.get("/console/approvals/history/?state=refused").content.decode()


def test_a_no_needs_its_reason(asked: Request, funded: Wallet) -> None:
    page = cast.signed_in(cast.person("finance"))

    assert page.post(at(asked, "refuse/"), {"reason": ""}).status_code == 422
    assert page.post(at(asked, "refuse/"), {"reason": "no ticket"}).status_code == 302
    answer = page.post(at(asked, "approve/"))

    assert answer.status_code == 422
    assert "not waiting any more" in answer.content.decode()
    assert queries.balance(funded).bonus == 80_00


def test_whoever_asked_may_withdraw_and_not_decide(funded: Wallet) -> None:
    maker = cast.person("finance")
    page = cast.signed_in(maker)
    asked = adjustments.ask(
        wallet=funded, way="take", amount=10_00, reason="x", evidence="y", key=make.key(),
        by=Actor(cast.OWNER.kind.STAFF, maker.pk, permissions=frozenset({"approvals.ask"})),
    )  # fmt: skip
    assert at(asked, "approve/") not in page.get(at(asked)).content.decode()

    refused = page.post(at(asked, "approve/"))
    assert (refused.status_code, "yourself" in refused.content.decode()) == (422, True)
    assert page.post(at(asked, "withdraw/")).status_code == 302

    asked.refresh_from_db()
    assert asked.state == "withdrawn"


@pytest.mark.parametrize(("role", "sees", "decides"), [("cashier", 404, 403), ("auditor", 200, 403), ("manager", 200, 422)])
def test_others_see_and_decide_what_is_theirs(asked: Request, role: str, sees: int, decides: int) -> None:
    page: Client = cast.signed_in(cast.person(role))

    assert page.get(at(asked)).status_code == sees
    assert page.post(at(asked, "approve/")).status_code == decides
    for tab in ("", "mine/", "history/"):
        assert page.get(f"/console/approvals/{tab}").status_code == 200


def test_a_refund_at_the_till_above_ones_limit_is_sent_for_approval(wallet: Wallet, till: Till) -> None:
    sold = shop.top_up(wallet, 3000_00, till.store)
    page = cast.signed_in(cast.person("cashier"), at=till)
    address = f"/console/till/wallets/{wallet.pk}/top-ups/{sold.seq}/refund/"
    key = re.search(r'name="key" value="([^"]+)"', page.get(address).content.decode())
    assert key
    given = {"amount": "2000", "method": "CASH", "reason": "搬家", "key": key[1]}
    assert "Sent for approval first" in page.get(address, given).content.decode()

    for _twice in range(2):
        assert page.post(address, given).status_code == 302

    asked = Request.objects.get()
    assert (asked.kind, asked.amount, queries.balance(wallet).principal) == ("payback", 2000_00, 3000_00)
    signer = cast.signed_in(cast.person("manager"))
    assert "-CN¥2,000.00".replace("-", "−") in signer.get(at(asked)).content.decode()
    signer.post(at(asked, "approve/"))
    assert queries.balance(wallet).principal == 1000_00
