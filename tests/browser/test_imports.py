"""Moving in by keyboard alone, in both languages: a file is brought, looked at, decided about, taken in and signed for."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Page, expect

import cast
import shop
from browser import screenshots
from browser.site import Site
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.wallets import acceptances, intake_steps
from chuzhi.wallets.models import ImportAcceptance

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
PATIENCE_MILLISECONDS = 20_000
TABLE = "客户姓名,手机号,客户身份,储值本金余额,成为客户时间\n"
TABLE += "钱一,13911110001,会员,500,2025-01-01\n钱二,13911110002,会员,100.50,2025-01-02\n"


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def page(site: Site, chromium: Browser, language: str) -> Iterator[Page]:
    person = cast.person("administrator", password=cast.PASSWORD, language=language)
    visitor = screenshots.dress(chromium, site.address, f"{language[:2]}-light-desk")
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(f"{site.address}/console/sign-in/")
    page.locator("form input:not([type=hidden]):not([type=password])").first.fill(person.username)
    page.locator("form input[type=password]").fill(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    yield page
    visitor.close()


def reach(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what is called so, or is the field of that name."""
    for _press in range(120):
        page.keyboard.press("Tab")
        if wanted in page.evaluate("[document.activeElement.innerText?.trim(), document.activeElement.name]"):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def press(page: Page, label: str) -> None:
    with page.expect_navigation():
        reach(page, gettext(label))
        page.keyboard.press("Enter")


def pick_the_next(page: Page) -> None:
    """Of a list that is closed: the key that opens it, the key that goes on, the key that takes."""
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)


def worked(page: Page) -> None:
    """What the worker does, while the page watches."""
    intake_steps.go_on(ImportBatch.objects.get().pk)
    expect(page.locator("main progress")).to_have_count(0)


def test_a_shop_moves_in_by_keyboard(site: Site, page: Page) -> None:
    shop.new_programme(name="会员储值")
    here = profiles.register(name="钱一", phone="13800000001", by=cast.OWNER)
    page.goto(f"{site.address}/console/imports/")
    page.locator("input[type=file]").set_input_files(
        {"name": "旧系统.csv", "mimeType": "text/csv", "buffer": TABLE.encode("gb18030")}
    )
    reach(page, "programme")
    pick_the_next(page)

    press(page, "Check the file")
    worked(page)
    expect(page.locator("main")).to_contain_text(gettext("Customers of Youzan"))
    reach(page, "2")
    pick_the_next(page)
    press(page, "Keep these choices")
    worked(page)
    press(page, "Take it in")
    worked(page)
    press(page, "Acceptance sheet")
    reach(page, "principal")
    page.keyboard.type("600.50")
    press(page, "Accept and sign")

    sheet = ImportAcceptance.objects.get()
    expect(page.locator("main")).to_contain_text(acceptances.code_of(sheet))
    assert (sheet.principal, Customer.objects.filter(name__startswith="钱").count()) == (600_50, 2)
    here.refresh_from_db()
    assert here.phone == "+8613911110001"
    found = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    assert found == []
