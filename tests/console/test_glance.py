import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.insights import journal
from chuzhi.ledger import verifications
from chuzhi.ledger.models import Verification
from chuzhi.organization.models import Store
from chuzhi.organization.roles import Grant
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Wallet
from shop import charge, top_up
from topups.test_clearing import paid

pytestmark = pytest.mark.django_db
BOARD = "/console/board/"


@pytest.fixture
def finance(db: None) -> Client:
    return cast.signed_in(cast.person("finance"))


def tile(page: str, name: str) -> str:
    return re.search(rf'id="{name}".*?stat-value">(.*?)</p>', page, re.DOTALL).group(1).strip()  # type: ignore[union-attr]


def test_each_figure_leads_to_its_rows(finance: Client, wallet: Wallet, store: Store) -> None:
    top_up(wallet, 500_00, store)
    charge(wallet, 120_00, store)

    page = finance.get(BOARD).content.decode()

    assert tile(page, "held-CNY") == "CN¥380.00"
    assert tile(page, "out-CNY") == "CN¥120.00"
    [address] = re.findall(r'id="out-CNY" href="(.*?)"', page)
    rows = finance.get(address.replace("&amp;", "&")).content.decode()
    assert "−CN¥120.00" in rows
    assert "CN¥500.00" not in rows


def test_it_looks_again_and_answers_with_what_changes(finance: Client, wallet: Wallet, store: Store) -> None:
    top_up(wallet, 500_00, store)

    part = finance.get(BOARD, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert tile(part, "held-CNY") == "CN¥500.00"


def test_the_float_of_a_stretch(finance: Client, wallet: Wallet, store: Store) -> None:
    top_up(wallet, 300_00, store, effective_at=timezone.now() - timedelta(days=2))
    charge(wallet, 50_00, store)

    page = finance.get(f"{BOARD}float/").content.decode()

    assert [page.index(each) for each in ("CN¥300.00", "−CN¥50.00", "CN¥250.00")] == sorted(
        page.index(each) for each in ("CN¥300.00", "−CN¥50.00", "CN¥250.00")
    )


def test_a_store_s_people_see_their_store(wallet: Wallet, store: Store) -> None:
    top_up(wallet, 500_00, store)
    elsewhere = cast.signed_in(cast.person(Grant("manager", cast.store("别处").pk)))

    pages = [
        elsewhere.get(f"{BOARD}{each}").content.decode() for each in ("", "float/", "entries/", f"entries/?store={store.pk}")
    ]

    assert all("500.00" not in page for page in pages)
    assert store.name not in pages[2]


@pytest.mark.parametrize(
    "asked",
    [
        "?since=2030-01-01", "?since=x", "float/?first=2026-01-02&last=2026-01-01", "float/?first=2001-01-01",
        "float/?last=2999-01-01", "entries/?what=nothing", "entries/?store=77", "entries/?method=barter", "entries/?asset=XAU",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_so(finance: Client, store: Store, asked: str) -> None:
    answer = finance.get(f"{BOARD}{asked}")

    assert answer.status_code == 422
    assert b"field-error" in answer.content or b"alert" in answer.content


def test_pages_of_entries(finance: Client, wallet: Wallet, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuzhi.console.board.glance.PAGE_SIZE", 2)
    for amount in (1_00, 2_00, 3_00):
        top_up(wallet, amount, store)

    first = finance.get(f"{BOARD}entries/?what=topped_up").content.decode()
    [following] = re.findall(r'href="(\?what=topped_up&amp;after=.*?)"', first)
    second = finance.get(f"{BOARD}entries/{following.replace('&amp;', '&')}").content.decode()

    assert "+CN¥3.00" in first
    assert "+CN¥1.00" not in first
    assert "+CN¥1.00" in second
    assert finance.get(f"{BOARD}entries/?after=nothing").status_code == 200


def test_the_verdict_with_its_age(finance: Client) -> None:
    assert "Nobody has verified yet" in finance.get(BOARD).content.decode()

    long_ago = timezone.now() - timedelta(days=3)
    Verification.objects.create(at=long_ago, operations=9, legs=9, wrong=2, findings=["I1 book 3"], milliseconds=5)
    assert "2 things wrong" in finance.get(BOARD).content.decode()
    assert "I1 book 3" in finance.get(f"{BOARD}proof/").content.decode()

    Verification.objects.create(at=long_ago + timedelta(days=1), operations=9, legs=9, wrong=0, milliseconds=5)
    page = finance.get(BOARD).content.decode()
    assert "In order, and old" in page
    assert tile(page, "verdict") == "2 d ago"
    assert [each.wrong for each in verifications.lately(5)] == [0, 2]


def test_stuck_orders_are_counted_and_listed(finance: Client, wallet: Wallet) -> None:
    stuck, fine = paid(wallet, 60_00), paid(wallet, 70_00, code="other")
    Order.objects.filter(pk=stuck.pk).update(stage=Order.Stage.OWED, refusal="wallet.closed")

    assert tile(finance.get(BOARD).content.decode(), "stuck") == "1"
    listed = finance.get("/console/orders/?stage=stuck").content.decode()
    assert stuck.number in listed
    assert fine.number not in listed


def test_it_asks_no_more_when_there_is_more(
    finance: Client, wallet: Wallet, store: Store,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:  # fmt: skip
    for _each in range(9):
        top_up(wallet, 5_00, store)
    journal.past_changes.forget()

    with django_assert_max_num_queries(27):
        finance.get(BOARD)


def test_the_day_it_compares_with_stands_in_its_field_in_every_language() -> None:
    since = (journal.today() - timedelta(days=30)).isoformat()

    for language in ("zh-hans", "en"):
        page = cast.signed_in(cast.person("finance", language=language)).get(BOARD).content.decode()
        assert f'value="{since}"' in page
