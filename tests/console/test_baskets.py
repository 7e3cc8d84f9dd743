import re

import pytest
from django.test import Client

import cast
import goods
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.till.models import Basket, Sale
from chuzhi.wallets import cards, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
BASKETS = "/console/till/baskets/"


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier"), till)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def begun(counter: Client, wallet: Wallet | None = None) -> str:
    given = {"wallet": wallet.pk} if wallet else {}
    return str(counter.post(f"{BASKETS}begin/", given)["Location"])


def scan(counter: Client, basket: str, typed: str) -> object:
    return counter.post(f"{basket}scan/", {"typed": typed, "key": key_in(said(counter.get(basket)))}, follow=True)


def available(wallet: Wallet) -> int:
    return queries.balance(wallet).available


def test_scan_hold_resume_and_pay_with_cash_and_change_into_the_wallet(
    counter: Client, funded: Wallet, till: Till, store: Store
) -> None:
    goods.product(28_00, "红烧牛肉面", barcode="6901234567892")
    card = cards.issue(wallet=funded, key="card", by=cast.OWNER)
    basket = begun(counter)
    assert "CN¥84.00" in said(scan(counter, basket, "3*6901234567892"))
    assert "王小明" in said(scan(counter, basket, card.number))

    counter.post(f"{basket}hold/", {"label": "尾号 8000"})
    other = cast.signed_in(cast.person("cashier"), cast.till(store))
    assert "尾号 8000" in said(other.get(BASKETS))
    assert other.post(f"{basket}resume/")["Location"] == basket
    page = said(other.get(f"{basket}pay/"))
    given = {"key": key_in(page), "from_wallet": "50", "cash": "40", "keeps_change": "on"}
    confirmed = said(other.get(f"{basket}pay/", given))
    paid = other.post(f"{basket}pay/", given)
    again = other.post(f"{basket}pay/", given)

    assert "Change into the wallet" in confirmed
    assert "CN¥6.00" in confirmed
    assert paid["Location"] == again["Location"]
    assert "红烧牛肉面 × 3" in said(other.get(paid["Location"]))
    assert (Sale.objects.get().amount, available(funded)) == (84_00, 580_00 - 50_00 + 6_00)


def test_what_was_typed_finds_products_and_customers(counter: Client, funded: Wallet) -> None:
    goods.product(28_00, "王牌牛肉面", sku="W-1")
    goods.product(680_00, "散装茶", sku="TEA", is_weighed=True, unit="kg")
    basket = begun(counter)

    shown = said(scan(counter, basket, "wang"))
    weighed = said(scan(counter, basket, "TEA"))

    assert "王牌牛肉面" in shown
    assert "This customer pays" in shown
    assert 'name="quantity" value=""' in weighed
    assert "CN¥238.00" in said(scan(counter, basket, "0.35*TEA"))
    assert "Nothing is found for" in said(scan(counter, basket, "zzz"))


@pytest.mark.parametrize("quantity", ["-1", "1.5", "x", "1e3", "99999999"])
def test_what_is_no_quantity_is_said(counter: Client, quantity: str) -> None:
    goods.product(28_00, sku="N")
    basket = begun(counter)
    scan(counter, basket, "N")
    [line] = Basket.objects.get().lines.all()

    answer = counter.post(f"{basket}lines/{line.pk}/", {"quantity": quantity, "key": "k"})

    assert answer.status_code == 422
    assert "not a quantity" in said(answer)
    assert Basket.objects.get().lines.get().quantity == 1000


def test_a_discount_beyond_ones_own_names_the_limit_and_is_asked_for(counter: Client) -> None:
    goods.product(100_00, sku="N")
    basket = begun(counter)
    scan(counter, basket, "N")
    [line] = Basket.objects.get().lines.all()

    answer = counter.post(f"{basket}lines/{line.pk}/", {"quantity": "1", "discount": "30", "key": "k"})
    asked = counter.post(f"{basket}discount/", {"amount": "30", "reason": "瑕疵", "key": "d"}, follow=True)

    assert answer.status_code == 422
    assert "Above CN¥20.00 this needs a second person" in said(answer)
    assert "Sent for approval" in said(asked)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"from_wallet": "10"}, "CN¥18.00 is still to be paid"),
        ({"from_wallet": "30"}, "CN¥2.00 too much"),
        ({"card": "8"}, "slip"),
        ({"cash": "28"}, "The wallet pays a part of the sale at least"),
        ({"cash": "-1"}, "id_cash_error"),
    ],
)
def test_what_does_not_add_up_is_said_and_nothing_is_sold(
    counter: Client, funded: Wallet, given: dict[str, str], sentence: str
) -> None:
    goods.product(28_00, sku="N")
    basket = begun(counter, funded)
    scan(counter, basket, "N")

    answer = counter.post(f"{basket}pay/", given | {"key": key_in(said(counter.get(f"{basket}pay/")))})

    assert answer.status_code == 422
    assert sentence in said(answer)
    assert available(funded) == 580_00


def test_a_restricted_wallet_proposes_its_part(counter: Client, store: Store) -> None:
    hair = goods.category("美发")
    wallet = shop.new_wallet(shop.new_programme(categories=[hair.pk]))
    shop.top_up(wallet, 500_00, store)
    goods.product(128_00, "剪发", sku="CUT", category=hair)
    goods.product(89_00, "洗发水", sku="SHAMPOO")
    basket = begun(counter, wallet)
    scan(counter, basket, "CUT")
    scan(counter, basket, "SHAMPOO")

    page = said(counter.get(f"{basket}pay/"))
    refused = counter.post(f"{basket}pay/", {"key": key_in(page)})
    counter.post(f"{basket}pay/", {"key": key_in(page), "from_wallet": "128", "cash": "89"})

    assert "This wallet can pay CN¥128.00 of it" in page
    assert 'value="128.00"' in page
    assert "The wallet pays only for 美发: CN¥128.00" in said(refused)
    assert "good for 美发" in said(counter.get(f"/console/till/wallets/{wallet.pk}/"))
    assert available(wallet) == 500_00 - 128_00


def test_did_it_happen(counter: Client, funded: Wallet) -> None:
    goods.product(28_00, sku="N")
    basket = begun(counter, funded)
    scan(counter, basket, "N")
    key = key_in(said(counter.get(f"{basket}pay/")))

    not_yet = said(counter.get(f"{basket}happened/{key}/", follow=True))
    counter.post(f"{basket}pay/", {"key": key})

    assert "It did not happen" in not_yet
    assert "/receipts/" in counter.get(f"{basket}happened/{key}/")["Location"]
    assert counter.get(f"{basket}happened/x{key}/").status_code == 404
    assert counter.get(basket).status_code == 302


def test_a_basket_of_another_store_is_not_there(counter: Client) -> None:
    basket = begun(counter)
    stranger = cast.signed_in(cast.person(cast.Grant("cashier", (place := cast.store()).pk)), cast.till(place))

    for page in ("", "pay/"):
        assert stranger.get(f"{basket}{page}").status_code == 404
    for act in ("scan/", "hold/", "resume/", "drop/", "pay/"):
        assert stranger.post(f"{basket}{act}").status_code == 404


def test_nobodys_basket_is_paid_in_cash_and_found_by_its_code(counter: Client) -> None:
    goods.product(28_00, "红烧牛肉面", barcode="6901234567892")
    basket = begun(counter)
    scan(counter, basket, "6901234567892")
    page = said(counter.get(f"{basket}pay/"))
    given = {"key": key_in(page), "cash": "30"}

    assert "CN¥2.00" in said(counter.get(f"{basket}pay/", given))
    paid = said(counter.post(f"{basket}pay/", given, follow=True))

    code = re.search(r"S-\d+-[0-9A-Z]{10}", paid)
    assert code
    assert "红烧牛肉面" in paid
    assert code[0] in said(counter.post(f"{basket}pay/", given, follow=True))
    number = code[0].rpartition("-")[0]
    assert counter.get("/console/till/", {"find": code[0]})["Location"] == f"/console/till/receipts/{number}/"
    assert code[0] in said(counter.post(f"/console/till/receipts/{number}/print/", {"paper": "58"}))
    assert "Reprint" in said(counter.post(f"/console/till/receipts/{number}/print/"))
    assert counter.get("/console/till/receipts/S-999999/").status_code == 404
