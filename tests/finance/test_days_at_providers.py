"""The same day at every provider that has a bill, each a process of its own, over real sockets."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import make
import pytest

import cast
import shop
from chuzhi.finance import bills, comparing, following
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Kind
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, tasks
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Wallet
from topups.street import Street, stage_of, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

A_DAY_SECONDS = 24 * 3600
LONG_AGO = "2020-01-01T00:00Z"


@dataclass(frozen=True)
class Provider:
    """`planted` is twelve differences by the provider's own names; `told_in` which kinds they are called at first."""

    name: str
    method: Method
    scene: Scene
    planted: Mapping[str, int]
    found: Mapping[str, int]
    fee_rate: int = 60
    fee_fixed: int = 0
    has_endpoint: bool = False
    refund_is_claimed: bool = False
    pays: Mapping[str, object] = field(default_factory=dict)


USUAL = {"missing": 2, "extra": 2, "late": 2, "amount": 2, "fee": 1, "double": 2, "refund": 1}
FOUND = {Kind.LATE: 5, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.FEE_DIFFERS: 1, Kind.TWICE_IN_BILL: 2}
WECHAT = Provider("wechat", Method.WECHAT, Scene.SHOWN, USUAL, FOUND)
ALIPAY = Provider(
    "alipay", Method.ALIPAY, Scene.SHOWN, {"differing" if name == "amount" else name: n for name, n in USUAL.items()}, FOUND
)  # fmt: skip
STRIPE = Provider(
    "stripe", Method.STRIPE, Scene.PAGE, USUAL, FOUND, fee_rate=290, fee_fixed=30, has_endpoint=True, pays={"card": "visa"}
)  # fmt: skip
BTCPAY = Provider(
    "btcpay", Method.CRYPTO, Scene.PAGE, {"missing": 2, "extra": 2, "late": 2, "amount": 2, "double": 2, "refund": 2},
    {Kind.LATE: 6, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.TWICE_IN_BILL: 2},
    fee_rate=0, has_endpoint=True, refund_is_claimed=True,
)  # fmt: skip
PROVIDERS = [WECHAT, ALIPAY, STRIPE, BTCPAY]


@dataclass(frozen=True)
class Day:
    provider: Provider
    street: Street
    wallet: Wallet

    def sell(self, count: int) -> list[Order]:
        """So many orders, each of another amount, paid at the provider and credited."""
        placed = [self.street.order(self.wallet, 100_00 + n * 10_00) for n in range(count)]
        for order in placed:
            payment = self.street.begin(order, self.provider.scene)
            self.street.provider.control("pay", number=payment.number, **self.provider.pays)
        wait(lambda: all(stage_of(order) == "credited" for order in placed), "all are credited")
        return placed

    def give_back(self, placed: list[Order], amount: int = 10_00) -> None:
        for order in placed:
            order.refresh_from_db()
            orders.give_back(order=order, reason="too much", key=make.key(), by=cast.OWNER, amount=amount)
        self._send()
        if self.provider.refund_is_claimed:
            for number in Refund.objects.values_list("number", flat=True):
                self.street.provider.control("claim", number=number)
            self._send()
        wait(lambda: not Refund.objects.exclude(stage=Refund.Stage.DONE).exists(), "all are paid back")

    def compare(self, *, days: int = 1) -> None:
        """The bills of today and of so many days after it, as the clock would fetch them on the mornings after."""
        account = Account.objects.get(pk=self.street.account.pk)
        following.catch_up()
        for after in range(days):
            self.street.provider.control("clock", ahead_seconds=(after + 1) * A_DAY_SECONDS)
            bills.fetch(account, bills.today_of(account) + timedelta(days=after))
        comparing.match(account)

    @staticmethod
    def _send() -> None:
        Refund.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
        tasks.send_refunds()


@pytest.fixture(params=PROVIDERS, ids=lambda each: each.name)
def day(request: pytest.FixtureRequest, tmp_path: Path, settings: object) -> Iterator[Day]:
    provider: Provider = request.param
    with street(provider.name, provider.method, tmp_path, settings) as made:
        Account.objects.update(fee_rate=provider.fee_rate, fee_fixed=provider.fee_fixed)
        if provider.has_endpoint:
            made.provider.control("endpoint", url=accounts.notify_url(made.account))
        yield Day(provider, made, shop.new_wallet(shop.new_programme()))


def still_open() -> Counter[str]:
    return Counter(Case.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_twelve_planted_differences_are_twelve_explained_cases(day: Day) -> None:
    placed = day.sell(14)
    day.give_back(placed[-day.provider.planted["refund"] :])
    day.street.provider.control("bill", **day.provider.planted)

    day.compare()
    day.compare()

    assert still_open() == day.provider.found
    assert Case.objects.count() == 12
    assert all(case.fix_text and case.amount for case in Case.objects.all())

    day.compare(days=2)

    was_only_late = Case.objects.filter(kind=Kind.LATE, closed_by="").exclude(closed_at=None)
    assert was_only_late.count() == day.provider.planted["late"]
    left_out = day.provider.planted["missing"] + day.provider.planted["refund"]
    assert still_open()[Kind.OURS_NOT_IN_BILL] == left_out
    assert Case.objects.count() == 12


def test_a_clean_day_has_no_difference(day: Day) -> None:
    placed = day.sell(3)
    day.give_back(placed[:1])

    day.compare()

    assert not Case.objects.exists()
    assert Movement.objects.filter(is_settled=True).count() == 4
    assert Payment.objects.count() == 3
