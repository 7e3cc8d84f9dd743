"""How long a colleague waits for the console where there are many customers: lists, their thousandth page, search, one customer.

Whole pages of `chuzhi web`, asked for one after the other by one person who is signed in, from the request to the last byte.
Lists are walked from page to page by their own links, so a page far down is reached as a person reaches it.
"""

import http.client
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import ground, verify
from bench.http import server

SIZES: dict[str, dict[str, int]] = {
    "smoke": {"customers": 3_000, "wallets": 1_000, "legs": 20_000, "pages": 20, "times": 20},
    "full": {"customers": 1_000_000, "wallets": 200_000, "legs": 10_000_000, "pages": 1_000, "times": 200},
}
LISTS = {"customers": "/console/customers/", "wallets": "/console/wallets/", "journal": "/console/journal/"}
STORES = 200
LAST_PAGES = 50
"""So many pages before the last one that is walked to count as being that far down."""
NEXT = re.compile(r'href="(\?[^"]*\bafter=[^"]*)"')
BARS = {"list.first.p95": 120, "list.page1000.p95": 120, "customer360.p95": 150}


def fill(url: str, size: dict[str, int]) -> str:
    """Customers by the import's own way, wallets straight into the table, postings by the ledger. Answers a session's key."""
    from django.test import Client

    from bench import finding
    from chuzhi.core import actors
    from chuzhi.organization import staff
    from chuzhi.organization.models import Store
    from chuzhi.organization.roles import Grant
    from chuzhi.wallets import programmes
    from chuzhi.wallets.models import ProgrammeTerms

    by, order = actors.system("bench"), ProgrammeTerms.DeductionOrder.PROPORTIONAL
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO ledger_asset (id, code) VALUES (1, 'CNY') ON CONFLICT DO NOTHING")
        programme = programmes.open(code="bench", name="bench", asset="CNY", order=order, by=by)
        finding.fill(size["customers"])
        connection.execute(
            """INSERT INTO store (code, name, address, time_zone, is_open, pack)
               SELECT 'S' || n, 'Store ' || n, '', 'Asia/Shanghai', TRUE, %s FROM generate_series(1, %s) n""",
            [Store._meta.get_field("pack").get_default(), STORES],
        )
        connection.execute(
            """INSERT INTO wallet (id, book, customer_id, programme_id, created_at)
               SELECT n, n %% 64, id, %s, now() FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM customer) c WHERE n <= %s""",
            [programme.pk, size["wallets"]],
        )
        verify.fill_all(range(1, size["wallets"] + 1), size["wallets"], size["legs"], "bench")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    manager = staff.add(username="bench", name="Bench", password=None, grants=[Grant("manager")], by=by, language="en")
    browser = Client()
    browser.force_login(manager)
    return str(browser.cookies["sessionid"].value)


class Person:
    """Somebody at a browser: each page they open, and how long it took in milliseconds."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": f"sessionid={session}"}

    def opens(self, address: str) -> tuple[float, str]:
        began = time.perf_counter()
        self.connection.request("GET", address, headers=self.headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{address} answered {answer.status}: {page[:500]}")
        return took, page


def walked(person: Person, address: str, pages: int) -> list[float]:
    """Each page of a list, by the link to the next one."""
    times, place = [], address
    while len(times) < pages:
        took, page = person.opens(place)
        times.append(took)
        further = NEXT.search(page)
        if further is None:
            break
        place = address + further[1].replace("&amp;", "&")
    return times


def row(name: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    at = {f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 2) for share in (50, 95, 99)}
    return {"page": name, "times": len(times), **at}


def measure(person: Person, size: dict[str, int]) -> list[dict[str, Any]]:
    draw, rows = random.Random(3), []
    for name, address in LISTS.items():
        walk = walked(person, address, size["pages"])
        rows.append(row(f"list.first {name}", [person.opens(address)[0] for _each in range(size["times"])]))
        rows.append(row(f"list.page{len(walk)} {name}", walk[-LAST_PAGES:]))
    asked: dict[str, Callable[[], str]] = {
        "search": lambda: f"/console/search/?q={draw.randrange(10**4):04d}",
        "customer360": lambda: f"/console/customers/{draw.randrange(1, size['wallets'] + 1)}/",
        "wallet": lambda: f"/console/wallets/{draw.randrange(1, size['wallets'] + 1)}/",
    }
    for name, address_of in asked.items():
        person.opens(address_of())
        rows.append(row(name, [person.opens(address_of())[0] for _each in range(size["times"])]))
    return rows


def main() -> None:
    asked = ground.options(__doc__ or "")
    size = SIZES[asked.size]
    with ground.database("chuzhi_bench_console") as url:
        session = fill(url, size)
        with TemporaryDirectory() as folder, server(Path(folder) / "web.log") as port:
            rows = measure(Person(port, session), size)
        facts = {"machine": ground.machine(url), **size, "bars_ms": BARS, "rows": rows}

    def worst(start: str) -> float:
        return float(max(each["p95_ms"] for each in rows if each["page"].startswith(start)))

    figures = [
        ground.figure("list.first.p95", worst("list.first"), "ms"),
        ground.figure("list.page1000.p95", worst("list.page"), "ms"),
        ground.figure("customer360.p95", worst("customer360"), "ms"),
        ground.figure("console.search.p95", worst("search"), "ms"),
        ground.figure("wallet.p95", worst("wallet"), "ms"),
    ]
    ground.report("console", asked.size, figures, facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
