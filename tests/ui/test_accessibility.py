"""What only a browser can tell: contrast, names and roles, keys, and that the content policy is enough for all of it."""

import re
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser.screenshots import LOOKS, dress
from chuzhi.config.wsgi import application

SERIOUS = {"serious", "critical"}


class Silent(WSGIRequestHandler):
    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The product's pages that need no database, on a port of their own."""
    with make_server("127.0.0.1", 0, application, handler_class=Silent) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """The showcase, in the look the test names; fails when the page complains on its console."""
    visitor = dress(chromium, address, getattr(request, "param", "en-light-desk"))
    opened, said = visitor.new_page(), []
    opened.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda fault: said.append(str(fault)))
    opened.goto(f"{address}/console/ui/", wait_until="networkidle")
    yield opened
    visitor.close()
    assert said == []


@pytest.mark.parametrize("page", LOOKS, indirect=True)
def test_axe_finds_nothing_serious(page: Page) -> None:
    found = Axe().run(page)

    serious = [fault for fault in found.response["violations"] if fault["impact"] in SERIOUS]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:5]) for fault in serious] == []


@pytest.mark.parametrize("page", ["zh-light-phone", "en-light-phone"], indirect=True)
def test_the_page_needs_no_sideways_scrolling_at_320(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_can_be_pressed_is_24_pixels_or_more(page: Page) -> None:
    small = page.evaluate(
        """[...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
        .map((it) => [it.outerHTML.slice(0, 90), (it.closest("label, .input") ?? it).getBoundingClientRect(), it])
        .filter(([, box, it]) => box.width && (box.height < 24 || box.width < 24) && !it.closest(".notice-text, .skip-link"))
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )

    assert small == []


def test_the_palette_opens_by_key_finds_and_closes(page: Page) -> None:
    # Nobody is signed in on this page, so customers cannot be looked up: only commands are found.
    page.route("**/console/search/**", lambda route: route.fulfill(status=204))
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")

    palette = page.locator("dialog[data-palette]")
    assert palette.is_visible()
    assert palette.locator("[data-palette-none]").is_visible()
    page.keyboard.press("Escape")
    assert not palette.is_visible()


def test_a_dialog_opens_takes_the_focus_and_gives_it_back(page: Page) -> None:
    opener = page.locator("[data-opens=example]")

    opener.click()

    assert page.evaluate("document.activeElement.closest('dialog').id") == "example"
    page.keyboard.press("Escape")
    assert opener.evaluate("it => it === document.activeElement")


def test_colours_change_at_once_and_stay(page: Page) -> None:
    page.locator(".shell-side [name=theme][value=dark]").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "chuzhi-dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "chuzhi-dark"


def test_the_text_grows_at_once_and_stays(page: Page) -> None:
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    usual = page.evaluate(size)

    page.locator(".shell-side [name=text][value=large]").click()

    assert page.evaluate(size) == usual * 1.25
    page.reload()
    assert page.evaluate(size) == usual * 1.25
    page.locator(".shell-side [name=text][value=normal]").click()
    assert page.evaluate(size) == usual


def test_the_banner_shows_while_there_is_no_connection(page: Page) -> None:
    banner = page.locator("[data-offline]")

    page.context.set_offline(True)
    banner.wait_for(state="visible")
    page.context.set_offline(False)
    banner.wait_for(state="hidden")


def test_a_menu_in_a_table_is_not_cut_off(page: Page) -> None:
    page.locator("table summary").last.click()

    item = page.locator("table details[open] .menu-item").last
    box = item.bounding_box()
    assert box is not None
    at_its_middle = "([x, y]) => document.elementFromPoint(x, y)?.closest('.menu-item') !== null"
    assert page.evaluate(at_its_middle, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


@pytest.mark.parametrize(("paper", "width_mm"), [("58", 58), ("80", 80), ("a4", 210)])
def test_a_receipt_prints_on_its_own_paper(page: Page, paper: str, width_mm: int) -> None:
    page.evaluate(
        """(paper) => {
            const receipt = document.querySelector(".receipt");
            receipt.className = `receipt receipt-${paper}`;
            document.body.replaceChildren(receipt);
        }""",
        paper,
    )

    printed = page.pdf(prefer_css_page_size=True)

    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) [\d.]+\]", printed)
    assert [round(float(width) / 72 * 25.4) for width in boxes] == [width_mm]
