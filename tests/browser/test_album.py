"""Every page there is, in a real browser: for everybody's eyes, and as wide as its window.

`pytest tests/browser/test_album.py --into docs/screenshots [--looks zh-light-desk] [--pages orders]` takes their pictures.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from payments.gateways.standing_in import standing_in
from playwright.sync_api import Browser
from playwright.sync_api import Page as Window

import cast
from browser import album, premises, screenshots
from browser.pages import Page, Reader
from browser.premises import Shop
from browser.screenshots import SIZES
from browser.site import Site
from chuzhi.organization.roles import Grant

# Playwright's synchronous interface keeps a loop running in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
LOOKS = ("zh-light-desk", "en-dark-phone")
FAULTS = """() => axe.run("main", {resultTypes: ["violations"]}).then(({violations}) => violations
    .filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 160)}`))"""
PATIENCE_MILLISECONDS = 20_000
LOOKING = (Reader.STAFF, Reader.CASHIER)
NO_PAGES = {
    f"console:{name}"
    for name in "start search year till_happened till_basket_happened till_walkin_happened import_rejected".split()
}
NO_PAGES |= {"console:import_asked", "console:import_paper"}
NO_PAGES |= {f"console:{of}_export" for of in ("audit", "reconciliation", "reconciliation_cases", "pack_report")}
NO_PAGES |= {f"console:{of}_document" for of in ("application", "assisted", "refund", "raise", "consent")}
NO_PAGES |= {f"portal:{of}_state" for of in ("order", "card_order")}
NO_PAGES |= {f"console:{of}" for of in ("second_factor", "passkey_sign_in", "security_passkey_name", "confirm")}
NO_PAGES |= {"portal:order_receipt_file", "console:wallet_statement_file", "console:list_file", "console:list_taken"}
NO_PAGES |= {"console:bulk_act", "console:bulk_refused", "kiosk:order_state"}
"""Ways to a page, parts of one, files, what is one person's, the demo's own, and what test_passkeys.py looks at."""


OF_CUSTOMERS = """applications assisted assisted/new customers customers/merges limits/raises limits/wallets mandates messages orders
    orders/new payments payments/incidents refunds refunds/wallets sales sales/of tasks tickets tickets/new till/customers till/receipts
    till/wallets wallets wallets/cards wallets/disputes wallets/gift-links wallets/handouts wallets/members""".split()
"""What stands before rows that any store may serve, because a customer is one everywhere."""
OF_THE_MERCHANT = """
    credits modules offers packs partners retention risk/rules vouchers vouchers/batches vouchers/online vouchers/redeem
""".split()
"""Before rows that are one for all stores. Who works in one store looks at them and sells from them, and changes none."""


@pytest.fixture
def here(site: Site, tmp_path: Path) -> Iterator[Shop]:
    with standing_in("wechat", tmp_path) as provider:
        yield premises.open_shop(provider)


def windows(here: Shop, chromium: Browser, address: str, look: str) -> dict[Reader, Window]:
    """A window for each reader, signed in."""
    opened = {}
    for reader in Reader:
        cookies = []
        if person := here.readers.get((look[:2], reader)):
            session = cast.signed_in(person, here.till_of(reader)).cookies["sessionid"]
            cookies = [("sessionid", session.value)]
        if reader in here.screens:
            cookies = [("kiosk", here.screens[reader][1])]
        opened[reader] = screenshots.dress(chromium, address, look, cookies).new_page()
        opened[reader].set_default_timeout(PATIENCE_MILLISECONDS)
    return opened


def left_out(here: Shop, every: list[Page]) -> set[str]:
    """What answers to somebody who only looks, and is in no chapter."""
    shown = {resolve(page.path.partition("?")[0]).view_name for page in every}
    staff, terminal = cast.signed_in(here.readers["en", Reader.STAFF], here.till), Client()
    terminal.cookies["kiosk"] = here.screens[Reader.VISITOR][1]
    found = set()
    for namespace, looking, inside in (("console", staff, ""), ("portal", staff, ""), ("kiosk", terminal, "portal.")):
        known = get_resolver(f"chuzhi.{inside}{namespace}.urls").reverse_dict
        for name in known:
            if isinstance(name, str) and (full := f"{namespace}:{name}") not in shown | NO_PAGES:
                address = reverse(full, kwargs=dict.fromkeys(known.getlist(name)[0][0][0][1], 1))
                if looking.get(address).status_code not in {403, 405}:
                    found.add(full)
    return found


def test_every_page_is_in_the_album_for_everybody_and_as_wide_as_its_window(here: Shop, site: Site, chromium: Browser) -> None:
    """The first page in one look, the second in the other, and so on; as wide as its window at a desk and on a phone."""
    readers, every, wrong = [windows(here, chromium, site.address, look) for look in LOOKS], album.pages(here), []
    axe = Axe().axe_script

    for place, page in enumerate(every):
        window = readers[place % len(LOOKS)][page.reader]
        answer = window.goto(site.address + page.path, wait_until="domcontentloaded")
        wrong += [(page.name, answer and answer.status)] if answer is None or answer.status != page.status else []
        for width, height in (SIZES["desk"], SIZES["phone"])[:: 1 if place % 2 else -1]:
            window.set_viewport_size({"width": width, "height": height})
            if window.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((page.name, f"wider than {width} pixels"))
        window.evaluate(axe)
        wrong += [(page.name, fault) for fault in window.evaluate(FAULTS)]

    assert wrong == []
    assert left_out(here, every) == set()


def routes() -> Iterator[tuple[str, str, list[str]]]:
    """Each address of the console with a row in it: its name, what stands before the row, and the arguments."""
    known = get_resolver("chuzhi.console.urls").reverse_dict
    for name in known:
        if isinstance(name, str) and (wanted := known.getlist(name)[0][0][0][1]):
            yield name, known.getlist(name)[0][0][0][0].partition("%(")[0], wanted


def test_what_is_one_stores_is_not_shown_to_who_works_in_another(here: Shop) -> None:
    """Each page and act that names a row, asked for by those who may do most, but only elsewhere."""
    elsewhere, named, reached = cast.till(), {}, set()
    grants = [Grant(role, elsewhere.store_id) for role in ("manager", "finance", "auditor")]
    readers = [cast.signed_in(cast.person(grant), at=elsewhere) for grant in grants]
    before = {name: start for name, start, _wanted in routes()}

    for page in album.pages(here):
        found = resolve(page.path.partition("?")[0])
        if found.namespace == "console" and found.url_name in before and page.reader in LOOKING:
            start = before[found.url_name]
            named |= {(start, argument): value for argument, value in found.kwargs.items()}
            reached |= {start for reader in readers if reader.get(page.path).status_code not in {403, 404}}
    acts = [(name, start, wanted) for name, start, wanted in routes() if all((start, one) in named for one in wanted)]
    for name, start, wanted in acts:
        address = reverse(f"console:{name}", kwargs={argument: named[start, argument] for argument in wanted})
        reached |= {start for reader in readers if reader.post(address).status_code not in {403, 404, 405}}

    assert len(acts) >= 150
    assert reached == {f"{start}/" for start in OF_CUSTOMERS + OF_THE_MERCHANT}


def test_the_album_is_taken(here: Shop, site: Site, chromium: Browser, pytestconfig: pytest.Config) -> None:
    into = pytestconfig.getoption("--into", default=None)
    if into is None:
        pytest.skip("--into says where the pictures go")
    chosen, looks = pytestconfig.getoption("--pages"), pytestconfig.getoption("--looks")
    every = [page for page in album.pages(here) if not chosen or page.name in chosen]

    for look in looks or sorted(screenshots.LOOKS, key=LOOKS.__contains__):
        readers = windows(here, chromium, site.address, look)
        for page in every:
            if looks or look in LOOKS or page.name in album.ALL_LOOKS:
                readers[page.reader].goto(site.address + page.path)
                screenshots.take(readers[page.reader], into / f"{page.name}-{look}.png")
