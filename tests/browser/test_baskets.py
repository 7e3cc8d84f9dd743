"""A basket's whole story in a real browser, by keyboard: filled, held, taken up, without a network for a while, paid, given back."""

import os
from pathlib import Path

import pytest
from payments.gateways.standing_in import standing_in
from playwright.sync_api import Route, expect

import cast
import goods
import shop
from browser.test_till import PATIENCE_MILLISECONDS, Counter, counter
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts
from chuzhi.payments.counter.models import Tender
from chuzhi.till.models import Basket
from chuzhi.wallets import queries

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
__all__ = ["counter"]


def scan(counter: Counter, code: str) -> None:
    counter.page.keyboard.type(code)
    counter.page.keyboard.press("Enter")


def test_basket_hold_resume_mixed_tender_and_return(counter: Counter) -> None:
    shop.top_up(counter.wallet, 50_00, counter.store)
    goods.product(28_00, "红烧牛肉面", barcode="6901234567892")
    goods.product(680_00, "散装白茶", sku="TEA", is_weighed=True, unit="kg")
    page = counter.page

    page.keyboard.press("F6")
    counter.sees("[data-basket]")
    for total in ("CN¥28.00", "CN¥56.00"):
        scan(counter, "6901234567892")
        expect(page.locator("[data-total]")).to_have_text(total)
    page.locator("[data-scan] [name=typed]").focus()
    page.keyboard.type("0.05*tea", delay=40)
    page.keyboard.press("Enter")
    expect(page.locator("[data-total]")).to_have_text("CN¥90.00")
    scan(counter, counter.card)
    expect(page.locator("main")).to_contain_text("王小明")

    page.locator("[name=label]").fill("8000")
    page.keyboard.press("F4")
    page.wait_for_url("**/baskets/")
    page.get_by_role("button", name="Take up").press("Enter")
    counter.sees("[data-basket]")
    page.keyboard.press("F2")
    page.wait_for_url("**/pay/")
    expect(page.locator("[name=from_wallet]")).to_have_value("50.00")
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    expect(page.locator("[data-money]")).to_contain_text("CN¥10.00")
    page.keyboard.press("Enter")
    counter.sees_receipt_of("CN¥90.00")
    assert counter.available == 10_00

    page.keyboard.press("F2")
    page.wait_for_url("**/wallets/**")
    page.locator("main").get_by_role("link", name="Refund").first.press("Enter")
    counter.sees("[data-ask]")
    page.keyboard.press("Tab")
    page.keyboard.type("退货")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    page.keyboard.press("Enter")
    counter.sees_receipt_of("CN¥90.00")
    assert counter.available == 60_00


def test_the_rest_by_the_code_on_a_phone_is_waited_for_left_and_found_again(counter: Counter, tmp_path: Path) -> None:
    """The wallet pays half, the phone the rest; the customer has to enter a password, and the cashier goes away meanwhile."""
    shop.top_up(counter.wallet, 50_00, counter.store)
    goods.product(100_00, "礼盒", barcode="6901234567892")
    page = counter.page
    with standing_in("wechat", tmp_path) as wechat:
        accounts.open_account(
            code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=wechat.account,
            by=cast.OWNER,
        )  # fmt: skip
        page.keyboard.press("F6")
        counter.sees("[data-basket]")
        scan(counter, "6901234567892")
        expect(page.locator("[data-total]")).to_have_text("CN¥100.00")
        scan(counter, counter.card)
        expect(page.locator("main")).to_contain_text("王小明")
        page.keyboard.press("F2")
        page.wait_for_url("**/pay/")
        page.locator("[name=by_code]").check()
        page.keyboard.press("Enter")
        counter.sees("[data-money]")
        expect(page.locator("[data-money]")).to_contain_text("CN¥50.00")
        scan(counter, "6901234567892")
        expect(page.locator("[data-money]")).to_contain_text("This is not a payment code")
        wechat.control("outcomes", payments=["USERPAYING"])
        scan(counter, "130000000000000001")
        page.wait_for_url("**/code/", timeout=PATIENCE_MILLISECONDS)
        expect(page.locator("main")).to_contain_text("Waiting for the customer")
        assert counter.available == 0

        counter.go("/console/till/baskets/")
        expect(page.locator("main")).to_contain_text("Being paid by code")
        page.get_by_role("link", name="Take up").press("Enter")
        page.wait_for_url("**/code/")
        wechat.control("pay", number=wechat.books()["orders"][0]["number"])
        page.get_by_role("button", name="Ask the provider now").press("Enter")

        counter.sees_receipt_of("CN¥100.00")
        expect(page.locator("main")).to_contain_text("WeChat Pay")


def test_what_is_scanned_without_a_network_is_kept_and_goes_in_once(counter: Counter) -> None:
    goods.product(28_00, "红烧牛肉面", barcode="6901234567892")
    page = counter.page
    page.keyboard.press("F6")
    counter.sees("[data-basket]")

    def cut(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route("**/scan/", cut)
    scan(counter, "6901234567892")
    expect(page.locator("[data-kept-count]")).to_have_text("1")
    scan(counter, "6901234567892")
    expect(page.locator("[data-kept-count]")).to_have_text("2")
    page.unroute("**/scan/", cut)

    expect(page.locator("[data-total]")).to_have_text("CN¥56.00", timeout=PATIENCE_MILLISECONDS)
    page.reload()
    expect(page.locator("[data-total]")).to_have_text("CN¥56.00")
    assert [line.quantity for line in Basket.objects.get().lines.all()] == [2000]
    assert queries.balance(counter.wallet).available == 0


def lost(counter: Counter, address: str, *, arrives: bool) -> None:
    """The next thing sent there never arrives, or is done and not answered."""

    gone: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or gone:
            return route.continue_()
        gone.append(route.request.url)
        if arrives:
            route.fetch(max_redirects=0)
        return route.abort("connectionreset")

    counter.page.route(address, lose)


def confirmed(counter: Counter, *, arrives: bool) -> None:
    """Enter is pressed and the answer lost: the page asks by itself, and only what did not happen is sent again."""
    sending = counter.page.locator("[data-money] [type=submit]")
    expect(sending).to_be_focused(timeout=PATIENCE_MILLISECONDS)
    counter.page.wait_for_load_state()
    counter.press("Enter")
    if not arrives:
        expect(counter.page.locator("[data-money]")).to_contain_text("It did not happen", timeout=PATIENCE_MILLISECONDS)
        expect(sending).to_be_focused(timeout=PATIENCE_MILLISECONDS)
        counter.page.wait_for_load_state()
        counter.press("Enter")
    counter.page.wait_for_url("**/receipts/**", timeout=PATIENCE_MILLISECONDS)


@pytest.mark.parametrize("arrives", [False, True])
def test_a_sale_and_its_return_are_cut_off_and_happen_once(counter: Counter, arrives: bool) -> None:
    goods.product(28_00, "红烧牛肉面", barcode="6901234567892")
    page = counter.page
    page.keyboard.press("F6")
    counter.sees("[data-basket]")
    lost(counter, "**/scan/", arrives=arrives)
    scan(counter, "6901234567892")
    expect(page.locator("[data-total]")).to_have_text("CN¥28.00", timeout=PATIENCE_MILLISECONDS)
    page.wait_for_load_state()
    page.keyboard.press("F2")
    page.wait_for_url("**/pay/")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    lost(counter, "**/pay/", arrives=arrives)
    confirmed(counter, arrives=arrives)
    expect(page.locator("[data-done]")).to_have_text("CN¥28.00")

    page.get_by_role("link", name="Take goods back").press("Enter")
    page.wait_for_url("**/return/")
    counter.sees("[data-ask]")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.type("cold")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    lost(counter, "**/return/", arrives=arrives)
    confirmed(counter, arrives=arrives)

    assert [each.amount for each in Tender.objects.order_by("pk")] == [28_00, -28_00]
