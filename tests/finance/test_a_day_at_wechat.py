"""A day's bill of WeChat Pay with differences planted in it: the provider is another process, over real sockets."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.finance import bills, cases, comparing, following, tasks
from chuzhi.finance.models import Case, Day, Line, Movement
from chuzhi.finance.rules import Kind
from chuzhi.ledger.chart import Method
from chuzhi.payments.models import Account, Payment
from chuzhi.wallets.models import Wallet
from topups.street import Street, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

DAY_SECONDS = 24 * 3600
PLANTED = {"missing": 2, "extra": 2, "late": 2, "amount": 2, "fee": 2, "double": 2}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wechat")


@pytest.fixture
def wechat(keys: Path, settings: object) -> Iterator[Street]:
    with street("wechat", Method.WECHAT, keys, settings) as made:
        Account.objects.update(fee_rate=60)
        yield made


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme())


def sell(wechat: Street, wallet: Wallet, count: int, amount: int = 100_00) -> list[str]:
    payments = [wechat.begin(wechat.order(wallet, amount + n * 1_00)) for n in range(count)]
    for payment in payments:
        wechat.pay(payment)
    numbers = [payment.number for payment in payments]
    paid = Payment.objects.filter(number__in=numbers, stage=Payment.Stage.PAID)
    wait(lambda: paid.count() == count, "all are paid")
    return numbers


def match(wechat: Street, *, days: int = 1) -> None:
    """The bills of today and of so many days after it, as the clock would fetch them on the mornings after."""
    account = Account.objects.get(pk=wechat.account.pk)
    following.catch_up()
    for after in range(days):
        wechat.provider.control("clock", ahead_seconds=(after + 1) * DAY_SECONDS)
        bills.fetch(account, bills.today_of(account) + timedelta(days=after))
    comparing.match(account)


def still_open() -> Counter[str]:
    return Counter(Case.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_twelve_planted_differences_are_twelve_explained_cases(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 14)
    wechat.provider.control("bill", **PLANTED)

    match(wechat)
    match(wechat)

    assert still_open() == {
        Kind.LATE: 4, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.FEE_DIFFERS: 2, Kind.TWICE_IN_BILL: 2,
    }  # fmt: skip
    planted = [number for _name, number in next(iter(wechat.provider.told("bill").values()))]
    assert sorted(Case.objects.values_list("movement__number", flat=True)) == sorted(planted)
    assert Line.objects.count() == 14 - 4 + 2 + 2
    assert Day.objects.get().matched_at is not None


def test_what_was_only_late_closes_itself_and_what_was_left_out_stays(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 14)
    wechat.provider.control("bill", **PLANTED)

    match(wechat)
    match(wechat, days=2)

    assert sum(still_open().values()) == 10
    assert still_open()[Kind.OURS_NOT_IN_BILL] == 2
    assert Case.objects.filter(kind=Kind.LATE, closed_by="").exclude(closed_at=None).count() == 2
    assert Case.objects.count() == 12


def test_a_day_on_which_all_agree_is_settled(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 3)

    match(wechat)

    assert not Case.objects.exists()
    assert Movement.objects.filter(is_settled=True).count() == 3


def test_a_case_that_somebody_closed_stays_closed(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 2)
    wechat.provider.control("bill", amount=1)
    match(wechat)

    cases.close(case=Case.objects.get(), remark="the bill was wrong", by=cast.OWNER)
    match(wechat)

    assert still_open() == {}
    assert set(Movement.objects.values_list("is_settled", flat=True)) == {True}


def test_the_clock_fetches_what_is_missing_once_and_calls_nothing_late_that_is_of_today(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 2)
    Payment.objects.update(created_at=timezone.now() - timedelta(days=3))

    failed = [tasks.reconcile(), tasks.reconcile()]

    assert failed == [0, 0]
    assert (Day.objects.filter(matched_at__isnull=False).count(), Line.objects.count(), Case.objects.count()) == (3, 0, 0)
    assert list(Movement.objects.order_by("booked").values_list("booked", "ours", "is_settled")) == [
        (100_00, 100_00, False), (101_00, 101_00, False),
    ]  # fmt: skip


def test_a_bill_that_contradicts_itself_is_not_kept_and_asked_for_again(wechat: Street, wallet: Wallet) -> None:
    sell(wechat, wallet, 1)
    wechat.provider.control("bill", wrong_totals=True)
    match(wechat)
    day = Day.objects.get()
    assert (day.fetched_at, Line.objects.count()) == (None, 0)
    assert day.trouble

    wechat.provider.control("bill")
    match(wechat)

    assert (Line.objects.count(), Case.objects.count()) == (1, 0)
