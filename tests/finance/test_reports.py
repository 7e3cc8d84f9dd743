"""What each pack's stores sold and is unspent, by the pack's own period; a store that follows another pack is reported there."""

import csv
import io
from datetime import date

import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core import remembered
from chuzhi.core.packs import reading
from chuzhi.finance import reports
from chuzhi.finance.reports import Report
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.wallets import outstanding, queries, transfers
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def report(pack: str, on: date = TODAY) -> Report:
    found = reports.of(cast.OWNER, reading.pack(pack), on)
    assert found is not None
    return found


def follow(store: Store, pack: str) -> None:
    stores.choose_pack(store=store, pack=pack, by=cast.OWNER)
    remembered.forget_everything()


def told(found: Report) -> dict[str, int]:
    [figures] = found.figures
    return {line.name: line.amount for line in figures.lines if line.amount} | {
        "opening": figures.opening, "closing": figures.closing
    }  # fmt: skip


def test_what_moved_comes_to_what_the_ledger_has_left(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 1000_00, store)
    shop.charge(wallet, 300_00, store)

    found = report("none")

    assert told(found) == {"sold": 1000_00, "spent": -300_00, "opening": 0, "closing": 700_00}
    assert found.figures[0].closing == queries.balance(wallet).principal


def test_each_store_is_reported_under_the_pack_it_follows(wallet: Wallet, store: Store) -> None:
    other = cast.store()
    follow(other, "cn-shanghai")
    shop.top_up(wallet, 1000_00, store)
    shop.top_up(wallet, 200_00, other)
    before = told(report("none")), told(report("cn-shanghai"))

    follow(store, "cn-shanghai")

    assert before == ({"sold": 1000_00, "opening": 0, "closing": 1000_00}, {"sold": 200_00, "opening": 0, "closing": 200_00})
    assert report("none").figures == []
    assert told(report("cn-shanghai")) == {"sold": 1200_00, "opening": 0, "closing": 1200_00}


def test_what_goes_to_another_wallet_stays_with_the_store_that_sold_it(wallet: Wallet, store: Store) -> None:
    follow(store, "cn-national")
    shop.top_up(wallet, 1000_00, store)
    second, third = shop.wallet_in_another_book(wallet), shop.new_wallet(wallet.programme)
    transfers.send(wallet=wallet, to=second, amount=600_00, reason="gift", key="t1", by=cast.OWNER)
    transfers.send(wallet=second, to=third, amount=200_00, reason="gift", key="t2", by=cast.OWNER)

    assert told(report("cn-national")) == {"sold": 1000_00, "opening": 0, "closing": 1000_00}
    assert report("none").figures == []
    assert outstanding.sold_by(store, "CNY") == 1000_00


def test_period_due_day_and_custody_are_the_pack_s(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 1000_00, store)
    follow(store, "cn-national")

    found = report("cn-national", date(2026, 5, 20))
    now = report("cn-national")

    assert (found.first, found.last) == (date(2026, 4, 1), date(2026, 6, 30))
    assert found.due is not None
    assert (found.due[0], found.due[1].id) == (date(2026, 7, 21), "cn.report.due.scale")
    assert (now.figures[0].custody.required, report("us-federal").figures[0].currency) == (400_00, "USD")


def test_who_works_in_one_store_sees_no_report(store: Store) -> None:
    assert reports.of(cast.actor("finance", at=store), reading.pack("none"), TODAY) is None


def test_the_page_shows_it_and_hands_it_out_as_a_table(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 1000_00, store)
    page = cast.signed_in(cast.person("finance"))

    shown = page.get(f"/console/packs/none/report/?on={TODAY}").content.decode()
    table = page.get(f"/console/packs/none/report.csv?on={TODAY}")

    assert "CN¥1,000.00" in shown
    assert "This period is not over" in shown
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert {row["Kind of movement"]: row["Amount"] for row in rows}["Unspent at the end"] == "1000.00"
    assert page.get("/console/packs/none/report/").status_code == 200
    assert page.get("/console/packs/none/report/?on=soon").status_code == 422
    assert page.get("/console/packs/nowhere/report/").status_code == 404
    assert page.get(f"/console/packs/none/report.pdf?on={TODAY}").status_code == 404


def test_programs_read_it_too(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 1000_00, store)
    program = Program("reconciliation:read")

    answer = program.get("/packs/none/report", on=str(TODAY)).json()
    table = program.client.get(f"/api/v1/packs/none/report?on={TODAY}", headers=program.headers() | {"accept": "text/csv"})

    assert (answer["figures"][0]["closing"], answer["due_on"], answer["is_over"]) == (1000_00, None, False)
    assert {each["line"]: each["amount"] for each in answer["figures"][0]["lines"]}["sold"] == 1000_00
    assert b"1000.00" in table.content
    assert program.get("/packs/none/report").json()["is_over"]
    assert program.get("/packs/nowhere/report").status_code == 404
