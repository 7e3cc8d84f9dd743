"""An offer is tried out while it is typed, in a real browser; its pages are for everybody's eyes."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import cast
import shop
from browser import screenshots
from browser.site import Site
from chuzhi.topups.models import Offer
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets.models import Programme
from topups import offering

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
PATIENCE_MILLISECONDS = 20_000


@pytest.fixture
def programme(site: Site) -> Programme:
    """One with a past, points to give, and offers that run and that have stopped."""
    found, store = shop.new_programme(name="会员储值", bands=[(500_00, 80_00)]), cast.store()
    points = offering.points()
    gifts = (offering.bonus(120_00, parts=12, every=Every.MONTH), offering.lot(points, 500, 5_00), offering.level("gold"))
    offering.offer(found, (500_00, offering.bonus(100_00)), (1000_00, gifts), budget=900_00, is_first_only=True)
    offering.offer(found, (200_00, offering.bonus(50_00)), budget=50_00, channels=["counter", "web"])
    for amount in (200_00, 600_00, 1000_00):
        offering.sell(shop.new_wallet(found), amount, store)
    return found


@pytest.fixture
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    person = cast.person("administrator", password=cast.PASSWORD, language="en")
    visitor = screenshots.dress(chromium, site.address, "en-light-desk")
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(f"{site.address}/console/sign-in/")
    page.locator("form input:not([type=hidden]):not([type=password])").first.fill(person.username)
    page.locator("form input[type=password]").fill(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    yield page
    visitor.close()


def test_what_is_typed_is_tried_out_at_once(site: Site, programme: Programme, page: Page) -> None:
    page.goto(f"{site.address}/console/offers/add/")

    page.get_by_label("Customer pays").first.fill("500")
    page.get_by_label("Gets as bonus").first.fill("90")

    expect(page.locator("#yields")).to_contain_text("18%")
    expect(page.locator("#yields")).to_contain_text("2 reached a band")
    page.get_by_label("Gets as bonus").first.fill("100")
    expect(page.locator("#yields")).to_contain_text("20%")


@pytest.mark.parametrize("look", ["zh-light-phone", "en-dark-desk"])
def test_axe_finds_nothing_serious(site: Site, programme: Programme, page: Page, chromium: Browser, look: str) -> None:
    kept = [(one["name"], one["value"]) for one in page.context.cookies() if one["name"] in {"sessionid", "csrftoken"}]
    visitor = screenshots.dress(chromium, site.address, look, kept)
    seen = visitor.new_page()
    number = Offer.objects.filter(programme=programme).earliest("pk").pk

    for path in ("", "add/", f"{number}/", f"{number}/change/"):
        seen.goto(f"{site.address}/console/offers/{path}", wait_until="networkidle")
        found = [one["id"] for one in Axe().run(seen).response["violations"] if one["impact"] in {"serious", "critical"}]
        assert found == [], path
        assert seen.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than its window"
    visitor.close()
