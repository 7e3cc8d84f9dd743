"""From a scanned card to "paid", in a real browser: what a customer at the till waits for.

A cashier's hands: the scanner types the card's number and Enter, the amount is typed at a person's speed, Enter shows what will
happen, Enter pays. Each sale is timed from the first key to the moment the receipt says that it is paid.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ground
from bench.http import server

SIZES = {"smoke": {"customers": 2_000, "sales": 5}, "full": {"customers": 1_000_000, "sales": 60}}
CARDS, PAID_IN, AMOUNT = 10, 10_000_00, "38.50"
KEY_MILLISECONDS = 120
"""Between two keys of somebody who types five figures: 500 keystrokes a minute."""
BAR_SECONDS = 5.0
PATIENCE_MILLISECONDS = 20_000
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def fill(customers: int) -> tuple[str, int, list[str]]:
    """A shop with one till, as many customers, a few of them with a card and money on it. Answers session, till and cards."""
    from django.test import Client

    from bench import finding
    from chuzhi.core import actors
    from chuzhi.customers.models import Customer
    from chuzhi.ledger.chart import Method
    from chuzhi.organization import staff, stores
    from chuzhi.organization.roles import Grant
    from chuzhi.wallets import accounts, cards, funding, programmes

    by = actors.system("bench")
    finding.fill(customers)
    store = stores.add(code="S1", name="Store", by=by)
    till = stores.add_till(store=store, name="Till 1", by=by)
    programme = programmes.open(code="bench", name="bench", asset="CNY", by=by)
    numbers = []
    for place, customer in enumerate(Customer.objects.order_by("?")[:CARDS]):
        wallet = accounts.open_wallet(programme=programme, customer=customer, key=f"wallet {place}", by=by)
        numbers.append(cards.issue(wallet=wallet, key=f"card {place}", by=by).number)
        funding.top_up(wallet=wallet, amount=PAID_IN, store=store.pk, method=Method.CASH, key=f"paid {place}", by=by)
    cashier = staff.add(username="bench", name="Bench", password=None, grants=[Grant("cashier")], by=by, language="en")
    browser = Client()
    browser.force_login(cashier)
    return str(browser.cookies["sessionid"].value), till.pk, numbers


def sell(port: int, session: str, till: int, numbers: list[str], sales: int) -> list[dict[str, float]]:
    """Milliseconds of each sale: all of it, and without the time in which the cashier types."""
    from playwright.sync_api import sync_playwright

    address, times = f"http://127.0.0.1:{port}", []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visitor = chromium.new_context(viewport={"width": 1280, "height": 800})
        visitor.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = visitor.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.goto(f"{address}/console/workplace/?next=/console/till/")
        page.locator(f"button[name=till][value='{till}']").press("Enter")
        page.wait_for_url("**/console/till/")
        for place in range(sales + 1):
            began = time.perf_counter()
            page.keyboard.type(numbers[place % len(numbers)])
            page.keyboard.press("Enter")
            page.wait_for_url("**/wallets/**")
            typing = time.perf_counter()
            page.keyboard.type(AMOUNT, delay=KEY_MILLISECONDS)
            typed = time.perf_counter() - typing
            page.keyboard.press("Enter")
            page.wait_for_selector("[data-money]")
            page.keyboard.press("Enter")
            page.wait_for_selector("[data-done]")
            took = time.perf_counter() - began
            times.append({"all": took * 1000, "waiting": (took - typed) * 1000})
            page.goto(f"{address}/console/till/")
        chromium.close()
    return times[1:]  # the first one warms the server up


def row(name: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {"what": name} | {
        f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) for share in (50, 95, 99)
    }


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_sale") as url:
        session, till, numbers = fill(size["customers"])
        with TemporaryDirectory() as folder, server(Path(folder) / "web.log") as port:
            times = sell(port, session, till, numbers, size["sales"])
        rows = [row(name, [each[name] for each in times]) for name in ("all", "waiting")]
        facts = {"machine": ground.machine(url), **size, "key_ms": KEY_MILLISECONDS, "bar_s": BAR_SECONDS, "rows": rows}
    figures = [
        ground.figure("scan_to_paid.p95", rows[0]["p95_ms"] / 1000, "s"),
        ground.figure("scan_to_paid.waiting.p95", rows[1]["p95_ms"], "ms"),
    ]
    ground.report("sale", asked.size, figures, facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
