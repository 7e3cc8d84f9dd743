"""A day's reconciliation that is killed anywhere, and two at the same moment: the same cases, none twice."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger import racing

import shop
from chuzhi.finance import bills
from chuzhi.finance.models import Case, Line, Movement
from chuzhi.finance.rules import Kind
from chuzhi.ledger.chart import Method
from chuzhi.payments.models import Account
from finance.matcher import POINTS
from topups.street import Street, stage_of, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

PLANTED = {"missing": 2, "extra": 2, "late": 2, "differing": 2, "fee": 2, "double": 2}
FOUND = {
    Kind.LATE: 4, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.FEE_DIFFERS: 2, Kind.TWICE_IN_BILL: 2,
}  # fmt: skip
SOLD = 12


@pytest.fixture
def alipay(tmp_path: Path, settings: object) -> Iterator[Street]:
    """A shop after a day whose bill has twelve differences."""
    with street("alipay", Method.ALIPAY, tmp_path, settings) as made:
        Account.objects.update(fee_rate=60)
        wallet = shop.new_wallet(shop.new_programme())
        placed = [made.order(wallet, 100_00 + n * 10_00) for n in range(SOLD)]
        for order in placed:
            made.pay(made.begin(order))
        wait(lambda: all(stage_of(order) == "credited" for order in placed), "all are credited")
        made.provider.control("bill", **PLANTED)
        yield made


def begin(of: Street, *options: str) -> "subprocess.Popen[str]":
    day = str(bills.today_of(of.account))
    program = [sys.executable, "-m", "finance.matcher", of.account.code, day, *options]
    return subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=racing.surroundings(), cwd=racing.TESTS
    )


def run(*begun: "subprocess.Popen[str]") -> list[int]:
    """Let them go at the same moment; answers how each ended."""
    for process in begun:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in begun:
        assert process.stdin is not None
        print(file=process.stdin, flush=True)
    return [racing.stop(process) for process in begun]


def found() -> Counter[str]:
    return Counter(Case.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_killed_at_every_step_and_then_run_twice_at_once(alipay: Street) -> None:
    of_today = bills.today_of(alipay.account)
    alipay.provider.control("clock", ahead_seconds=24 * 3600)

    for point in POINTS:
        assert run(begin(alipay, "--die-at", point)) == [-signal.SIGKILL], point
        assert found() in ({}, FOUND)
    assert run(begin(alipay), begin(alipay)) == [0, 0]

    assert found() == FOUND
    assert Case.objects.count() == 12
    assert Line.objects.count() == SOLD - 4 + 2 + 2
    assert Movement.objects.count() == SOLD + 2
    assert set(Line.objects.values_list("day__on", flat=True)) == {of_today}


def test_two_that_begin_a_day_at_the_same_moment_find_each_difference_once(alipay: Street) -> None:
    alipay.provider.control("clock", ahead_seconds=24 * 3600)

    assert run(begin(alipay), begin(alipay)) == [0, 0]

    assert found() == FOUND
    assert (Case.objects.count(), Movement.objects.count()) == (12, SOLD + 2)
