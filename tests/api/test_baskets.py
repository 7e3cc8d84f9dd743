import pytest

import cast
import goods
import shop
from api.program import Program
from chuzhi.organization.models import Store, Till
from chuzhi.till.models import Sale
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("baskets:write", "approvals:write")


@pytest.fixture
def basket(program: Program, store: Store, till: Till, funded: Wallet) -> str:
    asked = {"store": str(store.pk), "till": str(till.pk), "wallet": str(funded.pk)}
    return f"/baskets/{program.post('/baskets', asked).json()['id']}"


def test_a_basket_is_filled_held_taken_up_and_paid_once(
    program: Program, basket: str, funded: Wallet, store: Store, till: Till
) -> None:
    noodles = goods.product(28_00)
    program.post(f"{basket}/lines", {"product": str(noodles.pk), "quantity": 2000}, key="one")
    [line] = program.post(f"{basket}/lines", {"product": str(noodles.pk), "quantity": 2000}, key="one").json()["lines"]
    program.post(f"{basket}/lines/{line['id']}", {"quantity": 3000, "discount": 400})
    program.post(f"{basket}/hold", {"label": "尾号 8000"})
    [held] = program.get("/baskets", store=store.pk).json()["items"]
    program.post(f"{basket}/resume", {"till": str(till.pk)})
    paying = {"cash": 5000, "keep_change": True, "from_wallet": 4000, "till": str(till.pk)}

    paid = program.post(f"{basket}/payments", paying, key="pay")
    again = program.post(f"{basket}/payments", paying, key="pay")

    assert (held["label"], held["total"]) == ("尾号 8000", 80_00)
    assert (paid.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 200, "true")
    assert (paid.json()["state"], len(paid.json()["operations"])) == ("paid", 2)
    assert (Sale.objects.get().amount, queries.balance(funded).available) == (80_00, 580_00 - 40_00 + 10_00)
    assert program.post(f"{basket}/payments", paying).json()["code"] == "basket.paid"


def test_who_pays_and_who_served(program: Program, basket: str, funded: Wallet) -> None:
    colleague = cast.person("cashier")

    told = program.post(f"{basket}/payer", {"wallet": str(funded.pk), "served_by": str(colleague.pk)}).json()
    nobody = program.post(f"{basket}/payer", {"served_by": "999999"})

    assert (told["wallet"], told["served_by"]) == (str(funded.pk), str(colleague.pk))
    assert (nobody.status_code, nobody.json()["code"]) == (422, "sale.not_a_colleague")


def test_a_count_card_pays_its_line(program: Program, basket: str, funded: Wallet, store: Store) -> None:
    card = shop.new_wallet(shop.new_programme(asset="VISITS:haircut"), funded.customer)
    shop.top_up(card, 10, store)
    cut = goods.product(128_00, kind="service", visits="haircut")
    [line] = program.post(f"{basket}/lines", {"product": str(cut.pk)}).json()["lines"]

    paid = program.post(f"{basket}/payments", {"visits": [{"line": line["id"], "wallet": str(card.pk)}]})

    assert paid.status_code == 201
    assert (queries.balance(card).available, queries.balance(funded).available) == (9, 580_00)


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/lines", {"product": "999999"}, 404, "product.unknown"),
        ("/lines", {"product": "1", "quantity": -1}, 400, "request.invalid"),
        ("/lines", {"product": "1", "price": 1}, 400, "request.invalid"),
        ("/lines/1", {"quantity": 1000}, 404, "basket.no_such_line"),
        ("/payments", {}, 422, "basket.empty"),
        ("/payments", {"cash": -1}, 400, "request.invalid"),
        ("/payer", {"wallet": "999999"}, 404, "wallet.unknown"),
    ],
)
def test_what_is_wrong_is_named(
    program: Program, basket: str, path: str, asked: dict[str, object], status: int, code: str
) -> None:
    answer = program.post(f"{basket}{path}", asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_key_of_another_store_finds_no_basket(basket: str) -> None:
    stranger = Program("baskets:write", at=cast.store())

    assert stranger.get(basket).status_code == 404
    assert stranger.post(f"{basket}/payments", {}).json()["code"] == "basket.unknown"
    assert stranger.post(f"{basket}/drop", {}).status_code == 404


def test_a_larger_discount_is_signed_by_somebody_else(program: Program, basket: str) -> None:
    product = goods.product(100_00)
    [line] = program.post(f"{basket}/lines", {"product": str(product.pk)}).json()["lines"]

    no = program.post(f"{basket}/lines/{line['id']}", {"discount": 30_00})
    asked = program.post(f"{basket}/discounts", {"amount": 30_00, "reason": "torn"})

    assert no.json()["code"] == "approval.needed"
    assert asked.json()["number"]


def test_nobodys_basket_is_paid_in_cash_and_has_a_receipt(program: Program, store: Store, till: Till) -> None:
    basket = f"/baskets/{program.post('/baskets', {'store': str(store.pk), 'till': str(till.pk)}).json()['id']}"
    program.post(f"{basket}/lines", {"product": str(goods.product(28_00).pk), "quantity": 2000})

    early = program.get(f"{basket}/receipt")
    paid = program.post(f"{basket}/payments", {"cash": 60_00, "till": str(till.pk)})
    receipt = program.get(f"{basket}/receipt").json()

    assert early.json()["code"] == "receipt.unknown"
    assert paid.json()["operations"] == [receipt["number"]]
    assert (receipt["total"], receipt["tenders"]) == (56_00, [{"method": "cash", "amount": 56_00}])
    assert receipt["code"].startswith(f"{receipt['number']}-")
