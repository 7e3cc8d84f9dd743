"""The till's whole story in a real browser, by keyboard, against a real server that is killed on the way."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import make
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

import cast
import shop
from browser import screenshots
from browser.site import Site
from chuzhi.customers import profiles
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import accounts, cards, queries
from chuzhi.wallets.models import Wallet

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
PATIENCE_MILLISECONDS = 20_000


@dataclass
class Counter:
    """A cashier's hands at a till: counts what they do."""

    page: Page
    address: str
    wallet: Wallet
    card: str
    store: Store
    actions: int = 0

    def press(self, key: str) -> None:
        self.actions += 1
        self.page.keyboard.press(key)

    def enter(self, text: str) -> None:
        self.actions += 1
        self.page.keyboard.type(text, delay=60)

    def scan(self) -> None:
        """A scanner is a keyboard that types fast and ends with Enter: one action of the hand."""
        self.actions += 1
        self.page.keyboard.type(self.card)
        self.page.keyboard.press("Enter")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sees(self, selector: str) -> None:
        self.page.wait_for_selector(selector, timeout=PATIENCE_MILLISECONDS)

    def scan_to_wallet(self) -> None:
        self.scan()
        self.page.wait_for_url("**/wallets/**", timeout=PATIENCE_MILLISECONDS)

    def confirm_charge_of(self, amount: str) -> None:
        """Up to the last Enter."""
        self.scan_to_wallet()
        self.enter(amount)
        self.press("Enter")
        self.sees("[data-money]")

    def sees_receipt_of(self, amount: str) -> None:
        self.page.wait_for_url("**/receipts/**", timeout=PATIENCE_MILLISECONDS)
        expect(self.page.locator("[data-done]")).to_have_text(amount)

    @property
    def available(self) -> int:
        return queries.balance(self.wallet).available


@pytest.fixture
def counter(site: Site, chromium: Browser) -> Iterator[Counter]:
    store = cast.store()
    till: Till = cast.till(store)
    programme = shop.new_programme(bands=[(500_00, 80_00), (1000_00, 200_00)], bonus_valid_days=365)
    customer = profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)
    wallet = accounts.open_wallet(programme=programme, customer=customer, key=make.key(), by=cast.OWNER)
    card = cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER)
    person = cast.person("administrator", password=cast.PASSWORD, language="en")
    visitor = screenshots.dress(chromium, site.address, "en-light-desk")
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    counter = Counter(page, site.address, wallet, card.number, store)
    counter.go("/console/sign-in/")
    page.locator("form input:not([type=hidden]):not([type=password])").first.fill(person.username)
    page.locator("form input[type=password]").fill(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    counter.go("/console/workplace/?next=/console/till/")
    page.locator(f"button[name=till][value='{till.pk}']").press("Enter")
    page.wait_for_url("**/console/till/")
    yield counter
    visitor.close()


def test_the_story_by_keyboard(counter: Counter) -> None:
    page = counter.page
    page.keyboard.type("wxm", delay=60)
    counter.sees("[data-choices] a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/wallets/**")

    page.keyboard.press("F3")
    page.wait_for_url("**/top-up/")
    page.keyboard.type("５００")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    expect(page.locator("[data-money]")).to_contain_text("+CN¥80.00")
    page.keyboard.press("Enter")
    counter.sees_receipt_of("CN¥500.00")
    assert counter.available == 580_00

    counter.actions = 0
    counter.confirm_charge_of("123.45")
    counter.press("Enter")
    counter.sees_receipt_of("CN¥123.45")
    assert counter.actions <= 4
    assert counter.available == 456_55

    page.keyboard.press("F2")
    page.wait_for_url("**/wallets/**")
    page.locator("main").get_by_role("link", name="Refund").first.press("Enter")
    counter.sees("[data-ask]")
    page.keyboard.press("Control+A")
    page.keyboard.type("23.45")
    page.keyboard.press("Tab")
    page.keyboard.type("退货")
    page.keyboard.press("Enter")
    counter.sees("[data-money]")
    page.keyboard.press("Enter")
    counter.sees_receipt_of("CN¥23.45")

    assert [lot.remaining for lot in queries.lots(counter.wallet)] == [400_00, 80_00]
    counter.go(f"/console/wallets/{counter.wallet.pk}/")
    shown = page.locator("tbody tr")
    expect(shown).to_have_count(3)
    expect(shown.first).to_contain_text("CN¥480.00")


def test_a_choice_keeps_the_focus_when_the_list_is_renewed(counter: Counter) -> None:
    page, found = counter.page, counter.page.locator("[data-choices] a")
    page.keyboard.type("wx", delay=60)
    counter.sees("[data-choices] a")
    page.keyboard.press("ArrowDown")
    found.evaluate("it => { it.dataset.old = '' }")

    page.locator("[data-find] input").evaluate(
        "it => { it.value = 'wxm'; it.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    expect(page.locator("[data-old]")).to_have_count(0)

    expect(found).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/wallets/**")


def test_nothing_happens_twice(counter: Counter) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    page = counter.page
    counter.confirm_charge_of("100")

    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    counter.sees_receipt_of("CN¥100.00")
    page.reload()
    counter.sees_receipt_of("CN¥100.00")
    page.go_back()
    counter.sees("[data-ask]")
    expect(page.locator("[name=amount]")).to_have_value("")
    page.go_forward()
    counter.sees_receipt_of("CN¥100.00")

    assert counter.available == 480_00


def test_the_answer_is_lost_and_found(counter: Counter) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    counter.confirm_charge_of("100")

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        route.fetch(max_redirects=0)
        return route.abort("connectionreset")

    counter.page.route("**/charge/", lose)
    counter.press("Enter")
    counter.sees_receipt_of("CN¥100.00")

    assert counter.available == 480_00


def test_the_server_dies_before_the_charge_and_comes_back(counter: Counter, site: Site) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    counter.confirm_charge_of("100")
    site.kill()

    counter.press("Enter")
    expect(counter.page.locator("[data-notes]")).to_contain_text("We do not know yet")
    expect(counter.page.locator("[data-offline]")).to_be_visible()
    site.start()
    expect(counter.page.locator("[data-money]")).to_contain_text("It did not happen", timeout=PATIENCE_MILLISECONDS)
    assert counter.available == 580_00

    counter.press("Enter")
    counter.sees_receipt_of("CN¥100.00")
    assert counter.available == 480_00


def test_a_scan_that_stumbles_into_an_empty_search_is_whole(counter: Counter) -> None:
    counter.page.keyboard.type(counter.card[:1])
    counter.page.wait_for_timeout(400)
    counter.page.keyboard.type(counter.card[1:])
    counter.page.keyboard.press("Enter")

    counter.page.wait_for_url("**/wallets/**", timeout=PATIENCE_MILLISECONDS)


@pytest.mark.parametrize("after_milliseconds", [5, 40])
def test_the_server_is_killed_in_the_middle(counter: Counter, site: Site, after_milliseconds: int) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    counter.confirm_charge_of("100")

    counter.press("Enter")
    counter.page.wait_for_timeout(after_milliseconds)
    site.kill()
    site.start()

    told = counter.page.locator("[data-done], [data-money]:has-text('It did not happen')").first
    if counter.page.url.startswith("chrome-error"):
        counter.page.reload()
    told.wait_for(timeout=PATIENCE_MILLISECONDS)
    happened = counter.page.locator("[data-done]").count() == 1
    assert counter.available == (480_00 if happened else 580_00)


def test_without_scripts_it_works_too(counter: Counter, chromium: Browser) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    cookies = counter.page.context.cookies()
    plain = chromium.new_context(java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() answers
    page = plain.new_page()

    page.goto(f"{counter.address}/console/till/?find={counter.card}")
    page.fill("[name=amount]", "100")
    page.keyboard.press("Enter")
    page.locator("[data-money] [type=submit]").press("Enter")
    page.wait_for_url("**/receipts/**")
    page.go_back()

    expect(page.locator("[data-done]")).to_have_text("CN¥100.00")
    assert counter.available == 480_00
    plain.close()


def pages_of(counter: Counter) -> dict[str, str]:
    charged = shop.charge(counter.wallet, 100_00, counter.store)
    wallet, customer = counter.wallet.pk, counter.wallet.customer_id
    return {
        "till": "/console/till/",
        "till-found": "/console/till/?find=w",
        "till-nobody": "/console/till/?find=nobody",
        "till-wallet": f"/console/till/wallets/{wallet}/",
        "till-top-up": f"/console/till/wallets/{wallet}/top-up/",
        "till-refund": f"/console/till/wallets/{wallet}/charges/{charged.seq}/refund/",
        "till-receipt": f"/console/till/receipts/{charged.id}/",
        "till-new": "/console/till/new/",
        "customers": "/console/customers/",
        "customer": f"/console/customers/{customer}/",
        "customer-edit": f"/console/customers/{customer}/edit/",
        "wallets": "/console/wallets/",
        "wallet": f"/console/wallets/{wallet}/",
        "wallet-lots": f"/console/wallets/{wallet}/lots/",
        "wallet-cards": f"/console/wallets/{wallet}/cards/",
    }


@pytest.mark.parametrize("look", ["zh-light-desk", "zh-dark-desk", "en-light-phone", "en-dark-phone"])
def test_axe_finds_nothing_serious(counter: Counter, chromium: Browser, look: str) -> None:
    shop.top_up(counter.wallet, 500_00, counter.store)
    pages = pages_of(counter)
    kept = {"sessionid", "csrftoken"}
    session = [(one["name"], one["value"]) for one in counter.page.context.cookies() if one["name"] in kept]
    visitor = screenshots.dress(chromium, counter.address, look, session)
    page = visitor.new_page()

    for name, path in pages.items():
        page.goto(counter.address + path)
        assert serious(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than its window"
    visitor.close()


def serious(page: Page) -> list[tuple[str, str]]:
    """What axe calls serious or critical: the rule, and the first element that breaks it."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
