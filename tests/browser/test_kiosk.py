"""A kiosk's whole story in a real browser, by keyboard, in both languages: set up, used, left, cleared by itself."""

import os
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import cast
import shop
from browser.site import Site
from browser.test_album import FAULTS
from chuzhi.kiosk import kiosks
from chuzhi.wallets.models import Card
from kiosk import terminal

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
SMALL = """() => [...document.querySelectorAll("main a, main button, main input, .kiosk-bar button, .kiosk-bar a")]
    .filter((each) => each.type !== "hidden" && each.offsetParent && each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Screen:
    page: Page
    card: Card
    code: str

    def is_for_everybody(self) -> None:
        self.page.evaluate(Axe().axe_script)
        assert self.page.evaluate(FAULTS) == []
        assert self.page.evaluate(SMALL) == []

    def press(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).press("Enter")  # type: ignore[arg-type]  # a role, as a word

    def type(self, text: str) -> None:
        expect(self.page.locator("main input[autofocus]")).to_be_focused()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")


@pytest.fixture
def screen(site: Site, chromium: Browser) -> Screen:
    here = cast.store()
    wallet = shop.new_wallet(shop.new_programme())
    shop.top_up(wallet, 88_00, here)
    code = terminal.receipt_code(wallet, here)
    kiosk = terminal.set_up(here)
    link = kiosks.link(kiosk=kiosk, by=cast.OWNER)
    page = chromium.new_context(viewport={"width": 1080, "height": 1600}, locale="en-US").new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{site.address}/kiosk/open/{link}/")
    page.get_by_role("button", name="Make this screen the kiosk").press("Enter")
    page.wait_for_url("**/kiosk/")
    return Screen(page, terminal.card_of(wallet), code)


@pytest.mark.parametrize(
    ("language", "balance", "statement", "finish", "all_services"),
    [("English", "Balance", "Statement of account", "Finish", "All services"), ("中文", "余额", "账单", "结束", "全部服务")],
)
def test_balance_and_statement_by_keyboard_and_nothing_is_left(
    screen: Screen, language: str, balance: str, statement: str, finish: str, all_services: str
) -> None:
    page = screen.page
    screen.press("button", language)
    screen.is_for_everybody()
    screen.press("link", balance)
    screen.is_for_everybody()
    screen.type(screen.card.number)
    page.wait_for_url("**/proof/")
    screen.is_for_everybody()
    screen.type(screen.code)
    page.wait_for_url("**/account/")
    expect(page.locator("main")).to_contain_text("87.00")
    screen.is_for_everybody()

    screen.press("link", all_services)
    screen.press("link", statement)
    expect(page.locator("main")).to_contain_text("87.00")
    screen.is_for_everybody()
    screen.press("button", finish)
    page.wait_for_url("**/kiosk/")
    for _back in range(3):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("87.00")


def test_a_screen_that_nobody_touches_counts_down_and_is_cleared(screen: Screen) -> None:
    page = screen.page
    page.clock.install()
    screen.press("link", "Balance")
    screen.type(screen.card.number)
    page.wait_for_url("**/proof/")
    screen.type(screen.code)
    page.wait_for_url("**/account/")
    expect(page.locator("main")).to_contain_text("87.00")

    page.clock.fast_forward(50_000)
    expect(page.locator("[data-idle-soon]")).to_contain_text("cleared in 15 seconds")
    page.keyboard.press("Shift")
    page.clock.fast_forward(1_000)
    expect(page.locator("[data-idle-soon]")).to_be_empty()
    page.clock.fast_forward(61_000)

    page.wait_for_url("**/kiosk/")
    expect(page.locator("body")).not_to_contain_text("87.00")


def test_a_card_is_blocked_by_touch_with_the_keys_on_the_screen(screen: Screen) -> None:
    page = screen.page
    page.get_by_role("link", name="Report a lost card").click()
    for digit in screen.card.number:
        page.locator(f"[data-key='{digit}']").click()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/loss/")
    screen.is_for_everybody()
    page.get_by_role("button", name="Yes, block it now").click()

    expect(page.locator("main")).to_contain_text("What to do next")
    screen.is_for_everybody()
    screen.card.refresh_from_db()
    assert screen.card.status == "lost"
