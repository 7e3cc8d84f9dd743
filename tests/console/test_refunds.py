import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.refunds.models import RefundRequest
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def golden(store: Store) -> Wallet:
    """3000 paid a month ago, 1000 given, 3594 spent."""
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme(bands=[(3000_00, 1000_00)]))
    shop.top_up(wallet, 3000_00, store, effective_at=timezone.now() - timedelta(days=30))
    shop.charge(wallet, 3594_00, store)
    return wallet


@pytest.fixture
def cashier_page() -> Client:
    return cast.signed_in(cast.person("cashier"))


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


def at(wallet: Wallet) -> str:
    return f"/console/refunds/wallets/{wallet.pk}/"


def form(client: Client, wallet: Wallet, **more: object) -> dict[str, object]:
    """What the page of the merchant's cause sends when a request is made."""
    page = client.get(at(wallet), {"cause": "merchant"}).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(key|expected|cause|top_up)" value="([^"]+)">', page))
    proof = SimpleUploadedFile("contract.pdf", b"%PDF-1.7 contract")
    return {**hidden, "reason": "the shop moves", "method": "cash", "documents": proof} | more


def asked(client: Client, wallet: Wallet) -> RefundRequest:
    assert client.post(f"{at(wallet)}ask/", form(client, wallet)).status_code == 302
    return RefundRequest.objects.latest("pk")


def test_the_calculation_is_shown_line_by_line_before_anybody_asks(cashier_page: Client, golden: Wallet) -> None:
    page = cashier_page.get(at(golden), {"cause": "merchant"}).content.decode()

    assert "CN¥304.50" in page
    assert "CN¥3,594.00 × CN¥3,000.00 ÷ CN¥4,000.00" in page
    assert "cn.refund.merchant" in page
    assert "terms version 1" in page
    assert at(golden) in cashier_page.get(f"/console/wallets/{golden.pk}/").content.decode()


def test_the_customer_s_cause_is_priced_at_list_price(cashier_page: Client, golden: Wallet) -> None:
    page = cashier_page.get(at(golden), {"cause": "customer"}).content.decode()

    assert "Spent, at list price" in page
    assert "Ask for it" not in page, "nothing is owed"


def test_from_asking_to_the_money(cashier_page: Client, finance_page: Client, golden: Wallet) -> None:
    request = asked(cashier_page, golden)
    page = f"/console/refunds/{request.pk}/"
    assert queries.balance(golden).held == 406_00
    assert page in finance_page.get("/console/refunds/").content.decode()

    shown = finance_page.get(page).content.decode()
    assert "the shop moves" in shown
    assert "CN¥304.50" in shown
    document = request.documents.get()
    assert finance_page.get(f"{page}documents/{document.pk}/").content == b"%PDF-1.7 contract"

    assert finance_page.post(f"{page}approve/", {"reason": "moves in May"}).status_code == 302
    assert finance_page.post(f"{page}pay/", {"method": "bank", "reference": "ICBC 7"}).status_code == 302
    assert queries.balance(golden) == Balance()
    assert "ICBC 7" in finance_page.get(page).content.decode()
    assert page in finance_page.get("/console/refunds/", {"show": "paid"}).content.decode()


def test_sent_twice_it_is_filed_once(cashier_page: Client, golden: Wallet) -> None:
    sent = form(cashier_page, golden)
    for _twice in range(2):
        proof = SimpleUploadedFile("contract.pdf", b"%PDF-1.7 contract")
        assert cashier_page.post(f"{at(golden)}ask/", sent | {"documents": proof}).status_code == 302

    assert RefundRequest.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"method": "bank"}, {"documents": ""}, {"expected": "1"}, {"key": "made-up"}, {"cause": "moon"}]
)
def test_what_is_not_whole_is_said_and_changes_nothing(cashier_page: Client, golden: Wallet, wrong: dict[str, object]) -> None:
    answer = cashier_page.post(f"{at(golden)}ask/", form(cashier_page, golden, **wrong))

    assert answer.status_code == 422
    assert not RefundRequest.objects.exists()
    assert queries.balance(golden) == Balance(0, 406_00)


def test_the_till_says_what_stands_in_the_way(cashier_page: Client, golden: Wallet, store: Store) -> None:
    asked(cashier_page, golden)
    till = cast.signed_in(cast.person("cashier"), at=cast.till(store))
    charging = f"/console/till/wallets/{golden.pk}/charge/"
    key = re.search(r'name="key" value="([^"]+)"', till.get(charging).content.decode())
    assert key

    page = till.get(charging, {"amount": "1", "key": key[1]})

    assert page.status_code == 422
    assert "held for a refund request" in page.content.decode()


def test_who_asked_is_told_that_somebody_else_decides(golden: Wallet) -> None:
    manager = cast.signed_in(cast.person("manager"))
    request = asked(manager, golden)

    assert "Somebody else has to decide this." in manager.get(f"/console/refunds/{request.pk}/").content.decode()
    answer = manager.post(f"/console/refunds/{request.pk}/approve/", {"reason": "me"})

    assert answer.status_code == 422
    assert "a second person is needed" in answer.content.decode()


def test_refused_or_withdrawn_the_value_is_free(cashier_page: Client, finance_page: Client, golden: Wallet) -> None:
    first = asked(cashier_page, golden)
    assert finance_page.post(f"/console/refunds/{first.pk}/refuse/", {"reason": "no"}).status_code == 302
    second = asked(cashier_page, golden)
    assert cashier_page.post(f"/console/refunds/{second.pk}/withdraw/").status_code == 302

    assert queries.balance(golden) == Balance(0, 406_00)


def test_overdue_ones_are_marked_and_found(cashier_page: Client, golden: Wallet) -> None:
    request = asked(cashier_page, golden)
    assert "Overdue</span>" not in cashier_page.get("/console/refunds/").content.decode()

    RefundRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))

    page = cashier_page.get("/console/refunds/", {"show": "overdue"}).content.decode()
    assert f"/console/refunds/{request.pk}/" in page
    assert "1 request is overdue" in page


def test_visits_ask_for_their_price(cashier_page: Client, store: Store) -> None:
    wallet = shop.new_wallet(shop.new_programme(asset="VISITS:haircut", bands=[(10, 2)]))
    shop.top_up(wallet, 10, store)
    shop.charge(wallet, 3, store)

    asked_price = cashier_page.get(at(wallet), {"cause": "merchant"})
    told = cashier_page.get(at(wallet), {"cause": "merchant", "unit_price": "50", "list_price": "60"}).content.decode()

    assert asked_price.status_code == 422
    assert "CN¥375.00" in told


@pytest.mark.parametrize("role", ["auditor", "finance"])
def test_who_does_not_serve_customers_asks_for_nothing(golden: Wallet, role: str) -> None:
    client = cast.signed_in(cast.person(role))

    assert client.get(at(golden)).status_code == 200
    assert client.post(f"{at(golden)}ask/", {}).status_code == 403
