"""The day at a glance looks again by itself, in a real browser: what moves elsewhere stands on it without anybody's doing."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

import cast
import shop
from browser import screenshots
from browser.site import Site
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
PATIENCE_MILLISECONDS = 20_000
A_LOOK_MILLISECONDS = 15_000


@pytest.fixture
def counter(site: Site) -> Store:
    return cast.store()


@pytest.fixture
def wallet(counter: Store) -> Wallet:
    return shop.prepaid(500_00, counter)


@pytest.fixture
def page(site: Site, wallet: Wallet, chromium: Browser) -> Iterator[Page]:
    session = cast.signed_in(cast.person("finance")).cookies["sessionid"].value
    visitor = screenshots.dress(chromium, site.address, "en-light-desk", [("sessionid", session)])
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.clock.install()
    page.goto(f"{site.address}/console/board/")
    yield page
    visitor.close()


def test_what_moves_elsewhere_stands_here_after_fifteen_seconds(page: Page, wallet: Wallet, counter: Store) -> None:
    charged, held = page.locator("#out-CNY .stat-value"), page.locator("#held-CNY .stat-value")
    expect(held).to_have_text("CN¥500.00")
    page.locator("#in-CNY").focus()

    shop.charge(wallet, 123_45, counter)
    expect(charged).not_to_have_text("CN¥123.45")
    page.clock.fast_forward(A_LOOK_MILLISECONDS + 1_000)

    expect(charged).to_have_text("CN¥123.45")
    expect(held).to_have_text("CN¥376.55")
    assert page.evaluate("document.activeElement.id") == "in-CNY", "whoever stands on a figure stays there"


def test_paused_it_stays_as_it_is_until_it_is_resumed(page: Page, wallet: Wallet, counter: Store) -> None:
    held = page.locator("#held-CNY .stat-value")
    expect(held).to_have_text("CN¥500.00")
    page.get_by_role("button", name="Pause").click()

    shop.charge(wallet, 100_00, counter)
    page.clock.fast_forward(A_LOOK_MILLISECONDS * 3)
    expect(held).to_have_text("CN¥500.00")
    page.get_by_role("button", name="Resume").click()

    expect(held).to_have_text("CN¥400.00")


def test_without_a_network_it_says_that_its_figures_are_old(page: Page, wallet: Wallet) -> None:
    lost = page.get_by_text("No connection: these figures are not from now.")
    expect(page.locator("#held-CNY .stat-value")).to_have_text("CN¥500.00")

    page.context.set_offline(True)
    page.clock.fast_forward(A_LOOK_MILLISECONDS + 1_000)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    page.clock.fast_forward(A_LOOK_MILLISECONDS + 1_000)

    expect(lost).to_be_hidden()
