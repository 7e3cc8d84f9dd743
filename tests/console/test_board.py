from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import make
import pytest
from django.test import Client
from django.utils import timezone

import cast
import rechargecards
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.organization.roles import Grant
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter.models import Shift
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import gifts
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.vouchers import batches
from risk.watched import case_of
from topups.test_clearing import SLOW, paid

pytestmark = pytest.mark.django_db
HOME = "/console/home/"
NOTHING = "Nothing waits"


def home(role: Grant | str, at: Till | None = None) -> str:
    return cast.signed_in(cast.person(role), at).get(HOME).content.decode()


def line(label: str, address: str, number: int) -> str:
    """As a line of work reads, without the marks of the page."""
    return f"{address}|{label}|{number}"


def lines(page: str) -> list[str]:
    rows = page.split('class="queue-row" href="')[1:]
    return [
        line(
            row.split('class="queue-label">')[1].split("<")[0],
            row.split('"')[0],
            int(row.split('class="queue-number">')[1].split("<")[0]),
        )
        for row in rows
    ]


def keeps_cash(till: Till) -> None:
    drawer.keep(store=till.store, currency="CNY", needs_shift=True, tolerance=0, usual_float=0, by=cast.OWNER)


def test_today_by_store(funded: Wallet, store: Store) -> None:
    shop.charge(funded, 123_45, store)

    shown = home("manager")

    assert store.name in shown
    assert "CN¥500.00" in shown
    assert "CN¥123.45" in shown
    assert "Today by store" not in shown


def test_what_has_no_store_is_in_the_sum_and_has_its_row(funded: Wallet) -> None:
    paid(funded, 77_00)

    shown = home("manager")

    assert "CN¥577.00" in shown
    assert "No store" in shown


def test_other_stores_and_what_has_none_are_not_for_everybody(funded: Wallet, store: Store) -> None:
    paid(funded, 77_00)
    elsewhere = cast.till(cast.store("别处"))

    shown = home(Grant("manager", elsewhere.store_id), elsewhere)

    assert "CN¥5" not in shown
    assert "CN¥77.00" not in shown
    assert "No store" not in shown


def test_what_waits_for_somebody_is_counted_and_leads_there(funded: Wallet, store: Store) -> None:
    gifts.ask(wallet=funded, amount=50_00, cause="complaint", ticket="T-7", key=make.key(), by=cast.actor("cashier", store))

    assert line("Requests to approve", "/console/approvals/", 1) in lines(home("manager"))
    assert lines(home("cashier")) == []


def test_every_role_begins_with_its_own(wallet: Wallet, store: Store, till: Till) -> None:
    case_of(wallet, store)
    orders.place(wallet=wallet, amount=50_00, channel=Order.Channel.LINK, key=make.key(), by=cast.OWNER)
    paid(wallet, 60_00, **SLOW)
    drawer.open_shift(till=till, opened_with=0, by=cast.OWNER)
    unpaid = line("Top-up orders not paid yet", "/console/orders/?stage=open", 1)
    suspicion = line("Cases of suspicion", "/console/risk/", 1)
    drawers = line("Open cash drawers", "/console/shifts/", 1)
    uncleared = line("Top-ups that have not cleared", "/console/orders/?stage=uncleared", 1)

    assert lines(home("cashier")) == [unpaid]
    assert lines(home("manager")) == [suspicion, unpaid, drawers]
    assert set(lines(home("auditor"))) == {suspicion, unpaid, uncleared, drawers}
    assert set(lines(home("finance"))) == {suspicion, unpaid, uncleared, drawers}


def test_the_list_of_what_has_not_cleared_has_those_alone(wallet: Wallet) -> None:
    slow, done = paid(wallet, 60_00, **SLOW), paid(wallet, 70_00, code="fast")

    shown = cast.signed_in(cast.person("finance")).get("/console/orders/?stage=uncleared").content.decode()

    assert slow.number in shown
    assert done.number not in shown


def test_a_batch_is_nearly_sold_when_a_few_cards_are_left(
    wallet: Wallet, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "FEW", 1)
    sold = rechargecards.sent(wallet.programme, store, 3)
    for card in (0, 1):
        rechargecards.sell(sold.voucher(card), store)
    rechargecards.printed(wallet.programme, 3)
    rechargecards.sold(wallet.programme, store, 2)

    assert lines(home("finance"))[-1] == line("Batches of cards nearly sold", "/console/vouchers/", 1)


def test_what_is_late_says_so(till: Till) -> None:
    shift = drawer.open_shift(till=till, opened_with=0, by=cast.OWNER)
    Shift.objects.filter(pk=shift.pk).update(opened_at=timezone.now() - timedelta(days=2))

    assert "1 overdue" in home("manager")


def test_where_nothing_waits_it_says_so(store: Store) -> None:
    assert NOTHING in home("cashier")
    assert NOTHING in home("administrator")


def test_whoever_has_no_such_work_is_told_nothing_of_it(db: None) -> None:
    assert NOTHING not in home("partner")


def test_a_drawer_that_needs_its_cashier(till: Till) -> None:
    keeps_cash(till)
    assert "No shift is open at this till" in home("cashier", till)

    shift = drawer.open_shift(till=till, opened_with=0, by=cast.OWNER)
    assert "at this till" not in home("cashier", till)

    Shift.objects.filter(pk=shift.pk).update(opened_at=timezone.now() - timedelta(days=1))
    assert "The shift at this till is open since" in home("cashier", till)


def test_all_that_waits_is_one_read(
    funded: Wallet, till: Till, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    """For whoever sees every kind of work; the frame around the page asks who it is for."""
    client = cast.signed_in(cast.person("administrator"), till)
    client.get(HOME)

    with django_assert_max_num_queries(17):
        client.get(HOME)


def test_nobody_looks_without_signing_in(client: Client) -> None:
    assert client.get(HOME).status_code == 302
