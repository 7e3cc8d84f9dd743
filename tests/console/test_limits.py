import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.limits.models import Limit, Raise, Tier
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


@pytest.fixture
def cashier_page() -> Client:
    return cast.signed_in(cast.person("cashier"))


def application(wallet: Wallet, client: Client, **more: object) -> Raise:
    given = {
        "kind": "a_day", "amount": "9000", "reason": "a wedding", "ends_on": timezone.localdate() + timedelta(days=30),
        "documents": [SimpleUploadedFile("id.pdf", b"%PDF-1.7 it is me"), SimpleUploadedFile("pay.png", b"\x89PNG\r\n\x1a\n")],
    }  # fmt: skip
    answer = client.post(f"/console/limits/wallets/{wallet.pk}/raise/", given | more)
    assert answer.status_code == 302
    return Raise.objects.latest("pk")


def test_a_limit_is_set_seen_and_lifted(finance_page: Client) -> None:
    given = {"kind": "a_day", "asset": "CNY", "amount": "1,000", "method": "cash"}
    assert finance_page.post("/console/limits/set/", given).status_code == 302
    limit = Limit.objects.get()
    assert (limit.amount, limit.method) == (1000_00, "cash")

    assert "CN¥1,000.00" in finance_page.get("/console/limits/").content.decode()

    assert finance_page.post(f"/console/limits/{limit.pk}/lift/").status_code == 302
    assert not Limit.objects.exists()


@pytest.mark.parametrize("wrong", [{"amount": "-1"}, {"asset": "XXY"}, {"kind": "a_week"}, {"method": "shells"}])
def test_what_cannot_be_is_said_at_its_field(finance_page: Client, wrong: dict[str, str]) -> None:
    given = {"kind": "a_day", "asset": "CNY", "amount": "1000"} | wrong

    assert finance_page.post("/console/limits/set/", given).status_code == 422
    assert not Limit.objects.exists()


def test_a_cashier_sees_limits_and_sets_none(cashier_page: Client) -> None:
    assert "Set the limit" not in cashier_page.get("/console/limits/").content.decode()

    assert cashier_page.post("/console/limits/set/", {"kind": "held", "asset": "CNY", "amount": "1"}).status_code == 403
    assert not Limit.objects.exists()


def test_one_screen_says_what_applies_to_a_customer_and_why(finance_page: Client, wallet: Wallet, store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)
    finance_page.post("/console/limits/set/", {"kind": "rolling", "asset": "CNY", "amount": "800", "tier": "gold"})
    finance_page.post(f"/console/limits/wallets/{wallet.pk}/tier/", {"tier": "gold"})
    shop.top_up(wallet, 300_00, store)

    page = finance_page.get(f"/console/limits/wallets/{wallet.pk}/", {"store": store.pk}).content.decode()

    assert Tier.objects.get().code == "gold"
    assert "cn.held.named" in page
    assert "CN¥5,000.00" in page
    assert "Tier gold" in page
    assert "CN¥500.00" in page, "what is left of the 24 hours"


def test_the_till_says_the_rule_before_the_money_is_taken(wallet: Wallet, store: Store) -> None:
    stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)
    client = cast.signed_in(cast.person("cashier"), at=cast.till(store))

    at = f"/console/till/wallets/{wallet.pk}/top-up/"
    key = re.search(r'name="key" value="([^"]+)"', client.get(at).content.decode())
    assert key

    page = client.get(at, {"amount": "6000", "method": "CASH", "key": key[1]})

    assert page.status_code == 422
    assert "A named card may hold at most CN¥5,000.00. Rule cn.held.named." in page.content.decode()


def test_an_application_goes_to_somebody_else_who_sees_its_documents(
    finance_page: Client, cashier_page: Client, funded: Wallet
) -> None:
    asked = application(funded, cashier_page)
    at = f"/console/limits/raises/{asked.pk}/"
    assert f'href="{at}"' in finance_page.get("/console/limits/raises/").content.decode()

    page = finance_page.get(at).content.decode()
    assert "a wedding" in page
    assert "Top-up × 1" in page

    document = asked.documents.get(name="id.pdf")
    file = finance_page.get(f"{at}documents/{document.pk}/")
    assert (file.content, file["Content-Type"]) == (b"%PDF-1.7 it is me", "application/pdf")
    assert file["Content-Disposition"] == 'attachment; filename="id.pdf"'
    assert cashier_page.get(f"{at}documents/{document.pk}/").status_code == 403

    assert finance_page.post(f"{at}grant/", {"reason": "known"}).status_code == 302
    assert Raise.objects.get().status == "granted"


def test_who_asked_is_told_that_somebody_else_decides(funded: Wallet) -> None:
    manager = cast.signed_in(cast.person("manager"))
    asked = application(funded, manager)
    at = f"/console/limits/raises/{asked.pk}/"

    assert "Somebody else has to decide this." in manager.get(at).content.decode()
    answer = manager.post(f"{at}grant/", {"reason": "me"})

    assert answer.status_code == 422
    assert "a second person is needed" in answer.content.decode()


def test_an_application_is_refused_with_a_reason_or_withdrawn(
    finance_page: Client, cashier_page: Client, funded: Wallet
) -> None:
    first, second = (application(funded, cashier_page) for _each in range(2))

    assert finance_page.post(f"/console/limits/raises/{first.pk}/refuse/", {"reason": ""}).status_code == 422
    assert finance_page.post(f"/console/limits/raises/{first.pk}/refuse/", {"reason": "no income"}).status_code == 302
    assert cashier_page.post(f"/console/limits/raises/{second.pk}/withdraw/").status_code == 302

    assert sorted(Raise.objects.values_list("status", "decision")) == [("refused", "no income"), ("withdrawn", "")]


@pytest.mark.parametrize(
    "wrong", [{"documents": []}, {"documents": SimpleUploadedFile("x.pdf", b"MZ")}, {"amount": "0"}, {"ends_on": "2020-01-01"}]
)
def test_an_application_that_is_not_whole_is_kept_out(cashier_page: Client, funded: Wallet, wrong: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        application(funded, cashier_page, **wrong)

    assert not Raise.objects.exists()
