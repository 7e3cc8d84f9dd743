import csv
import io

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db: None) -> Client:
    return cast.signed_in(cast.person("cashier"))


def address(wallet: Wallet, form: str = "/") -> str:
    return f"/console/wallets/{wallet.pk}/statement{form}"


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def test_this_month_adds_up_on_screen(browser: Client, wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)
    charged = shop.charge(wallet, 123_45, store)

    page = said(browser.get(address(wallet)))

    assert f'value="{timezone.localdate().replace(day=1)}"' in page
    for part in ("Opening balance", "+CN¥580.00", "CN¥123.45", "CN¥456.55", store.name, charged.id, "王小明"):
        assert part in page


def test_a_paper_for_the_customer_in_the_language_of_who_prints_it(browser: Client, wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)

    answer = browser.get(address(wallet, ".pdf"))

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert f"statement-{wallet.pk}-" in answer["Content-Disposition"]


def test_as_a_table_with_both_balances(browser: Client, wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)

    _head, first, line, last = csv.reader(io.StringIO(browser.get(address(wallet, ".csv")).content.decode("utf-8-sig")))

    assert (first[1], first[6]) == ("Opening balance", "0.00")
    assert line[4:] == ["500.00", "80.00", "580.00"]
    assert (last[0], last[1], last[6]) == (str(timezone.localdate()), "Closing balance", "580.00")
    assert browser.get(address(wallet, ".xlsx")).content.startswith(b"PK")


@pytest.mark.parametrize(
    ("days", "part"),
    [
        ("since=2026-03-09&until=2026-03-01", "begins before it ends"), ("since=2020-01-01&until=2026-03-01", "366 days"),
        ("since=yesterday", "valid date"), ("until=2026-13-01", "valid date"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["/", ".pdf", ".csv"])
def test_days_that_make_no_statement_are_said_at_their_field(
    browser: Client, wallet: Wallet, days: str, part: str, form: str
) -> None:
    answer = browser.get(f"{address(wallet, form)}?{days}")

    assert answer.status_code == 422
    assert part in said(answer)


def test_a_kind_of_file_that_there_is_none_of(browser: Client, wallet: Wallet) -> None:
    assert browser.get(address(wallet, ".exe")).status_code == 404
    assert browser.get("/console/wallets/999999/statement/").status_code == 404
