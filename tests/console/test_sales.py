import pytest

import cast
import goods
import shop
from api.program import Program
from chuzhi.console import formkeys
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter.tenders import Tender
from chuzhi.till import baskets, paying, returns, sales, walkins
from chuzhi.till.paying import Means
from chuzhi.till.tickets import Line
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_a_sale_has_its_page_and_a_customer_a_trail(funded: Wallet, store: Store, till: Till) -> None:
    charge = shop.charge(funded, 100_00, store, till=till.pk)
    auditor = cast.signed_in(cast.person("auditor"))
    trail = f"/console/sales/of/{funded.customer_id}/"

    page = auditor.get(f"/console/sales/{charge.id}/").content.decode()
    shown = auditor.get(trail, {"store": store.pk, "since": "2020-01-01"}).content.decode()

    assert "CN¥480.00" in page
    assert till.name in page
    assert charge.id in shown
    assert "Nothing was bought" in auditor.get(trail, {"until": "2020-01-01"}).content.decode()
    assert auditor.get(trail, {"since": "yesterday"}).status_code == 422
    assert auditor.get("/console/sales/1-999999/").status_code == 404


def test_programs_read_the_same(funded: Wallet, store: Store) -> None:
    charge, program = shop.charge(funded, 100_00, store), Program("wallets:read")

    one = program.get(f"/sales/{charge.id}").json()
    [row] = program.get(f"/customers/{funded.customer_id}/sales", store=store.pk).json()["items"]

    assert (one["available_before"], one["available_after"], one["total"]) == (580_00, 480_00, 100_00)
    assert [lot["amount"] for lot in one["lots"]] == [100_00]
    assert (row["operation"], row["paid"]) == (charge.id, 100_00)
    assert program.get("/sales/1-999999").json()["code"] == "receipt.unknown"
    assert program.get("/customers/999999/sales").status_code == 404


def test_goods_come_back_by_line_in_two_steps(funded: Wallet, store: Store, till: Till) -> None:
    lines = [Line("洗发水", 100_00, "3 瓶"), Line("梳子", 20_00)]
    paid = [Tender(method=Method.CASH, amount=60_00)]
    sold = sales.complete(
        wallet=funded, amount=120_00, store=store.pk, till=till.pk, lines=lines, paid_otherwise=paid, key="sold", by=cast.OWNER
    )
    counter = cast.signed_in(cast.person("manager"), till)
    page = f"/console/till/wallets/{funded.pk}/charges/{sold.seq}/return/"
    key = formkeys.new(f"bring_back.{funded.pk}.{sold.seq}")
    asked = {"key": key, "line_1": "2", "reason": "too dry"}

    assert page in counter.get(f"/console/sales/{sold.id}/").content.decode()
    assert counter.get(page, asked | {"line_1": "4"}).status_code == 422
    assert counter.get(page, asked | {"line_1": ""}).status_code == 422
    foreseen = counter.get(page, asked).content.decode()
    done = counter.post(page, asked)
    again = counter.post(page, asked)

    assert "CN¥66.67" in foreseen
    assert done["Location"] + "?was=done" == again["Location"]
    receipt = counter.get(done["Location"]).content.decode()
    assert "2 瓶" in receipt
    assert "CN¥33.33" in receipt
    assert [each.amount for each in returns.left(funded, sold.seq).tenders] == [26_67]
    assert "1 瓶" in counter.get(page).content.decode()
    assert counter.get(f"/console/till/wallets/{funded.pk}/charges/1/return/").status_code == 404


def test_a_program_names_the_goods(funded: Wallet, store: Store) -> None:
    lines = [Line("洗发水", 100_00, "3 瓶", "S-1")]
    sold = sales.complete(wallet=funded, amount=100_00, store=store.pk, lines=lines, key="sold", by=cast.OWNER)
    program = Program("refunds:write", "wallets:read")
    address = f"/sales/{sold.id}/returns"

    done = program.post(address, {"lines": [{"line": 1, "quantity": "2"}], "reason": "too dry"}, key="back")
    more = program.post(address, {"lines": [{"line": 1, "quantity": "2"}], "reason": "too dry"}, key="more")
    odd = program.post(address, {"lines": [{"line": 1, "quantity": "two"}], "reason": "too dry"}, key="odd")

    assert (done.status_code, done.json()["to_wallet"]) == (201, 66_67)
    assert (more.status_code, more.json()["code"], odd.json()["code"]) == (422, "return.not_that_many", "basket.quantity")
    [line] = program.get(f"/sales/{sold.id}").json()["lines"]
    assert (line["line"], line["returned"]) == (1, "2")


def test_goods_of_a_sale_without_a_wallet_come_back(store: Store, till: Till) -> None:
    basket = baskets.begin(store=store.pk, till=till.pk, currency="CNY", key="begin", by=cast.OWNER)
    baskets.add(basket=basket, product=goods.product(28_00), quantity=2000, key="add", by=cast.OWNER)
    paid = paying.pay(basket=basket, means=Means(cash=56_00), key="pay", by=cast.OWNER, till=till.pk)
    counter, page = cast.signed_in(cast.person("manager"), till), f"/console/till/baskets/{basket.pk}/return/"
    asked = {"key": formkeys.new(f"bring_back_walkin.{basket.pk}.0"), "line_1": "1", "reason": "cold"}

    assert page in counter.get(f"/console/till/receipts/{paid.id}/").content.decode()
    assert "CN¥28.00" in counter.get(page, asked).content.decode()
    done = [counter.post(page, asked) for _twice in range(2)]

    receipt = f"/console/till/receipts/{paid.id}/"
    assert [each["Location"] for each in done] == [receipt, f"{receipt}?was=done"]
    assert counter.get(page, asked)["Location"] == f"{receipt}?was=done"
    assert walkins.left(basket).amount == 28_00
    program = Program("refunds:write").post(f"/sales/{paid.id}/returns", {"amount": 28_00, "reason": "cold"})
    assert (program.status_code, program.json()["tenders"]) == (201, [{"method": "cash", "amount": 28_00}])
