"""Very many lots in one wallet, and very many that expire at once: the work grows with what is touched, never faster."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import make
import pytest
from django.db import connection, transaction
from django.utils import timezone

from chuzhi.ledger import assets, chart, posting, queries, rows, writing
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.models import Lot, SystemTotal
from chuzhi.ledger.operations import Grant, Order, TopUp
from chuzhi.ledger.proof import verification
from chuzhi.wallets import expiry

LOTS = 10_000
PATIENCE_SECONDS = 5
"""Generous: it is some hundredths on a quiet machine. What is asserted closely is counted, not timed."""


SECOND = timedelta(seconds=1)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the ledger sends each statement."""
    seen: Counter[str] = Counter()

    ask = rows.Exchange.ask

    def counted(self: rows.Exchange, statement: str, parameters: Sequence[str] = ()) -> rows.Answer:
        seen[statement] += 1
        return ask(self, statement, parameters)

    monkeypatch.setattr(rows.Exchange, "ask", counted)
    return seen


def fill(wallet: int, lots: int, until: datetime | None = None, *, book: int = 0) -> TopUp:
    """Lots of 1.00, paid for; with `until` each expires a second after the one before."""
    cny = make.cny()
    grants = tuple(
        Grant(asset=cny, bucket=Bucket.PRINCIPAL, amount=1_00, source=make.CASH, expires_at=until and until + number * SECOND)
        for number in range(lots)
    )
    return TopUp(book=book, wallet=wallet, key=make.key(), by="system:0", asset=cny, amount=lots * 1_00, grants=grants)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [Order.PRINCIPAL_FIRST, Order.PROPORTIONAL])
def test_a_wallet_of_ten_thousand_lots_is_charged_like_any_other(order: str, statements: Counter[str]) -> None:
    until = timezone.now() + timedelta(days=30)
    make.post(fill(1, 10, until), fill(2, LOTS, until))
    statements.clear()
    make.post_one(make.charge_asked(1, 2_50, order=order))
    as_usual = dict(statements)
    statements.clear()
    began = time.monotonic()

    charged = make.post_one(make.charge_asked(2, 2_50, order=order))

    assert time.monotonic() - began < PATIENCE_SECONDS
    assert dict(statements) == as_usual
    assert [leg.amount for leg in charged.legs] == [-1_00, -1_00, -50]
    assert charged.balance(make.cny(), Bucket.PRINCIPAL) == LOTS * 1_00 - 2_50
    assert Lot.objects.filter(wallet=2, remaining__lt=1_00).count() == 3


@pytest.mark.django_db
def test_everything_in_a_wallet_of_ten_thousand_lots_can_be_spent_and_given_back(statements: Counter[str]) -> None:
    make.post(fill(1, LOTS))
    statements.clear()
    began = time.monotonic()

    spent = make.post_one(make.charge_asked(1, LOTS * 1_00))
    back = make.post_one(make.asked(make.operations.Refund, 1, LOTS * 1_00, charge=spent.seq))

    assert time.monotonic() - began < 3 * PATIENCE_SECONDS
    assert (len(spent.legs), len(back.legs)) == (LOTS, LOTS)
    assert back.balance(make.cny(), Bucket.PRINCIPAL) == LOTS * 1_00
    assert max(statements.values()) == 2, "a statement for each batch, however many lots"


@pytest.mark.django_db
def test_the_balance_and_the_statement_of_such_a_wallet_are_one_read_each(django_assert_num_queries: Any) -> None:
    make.post(fill(1, LOTS))
    for _each in range(20):
        make.post_one(make.charge_asked(1, 1_50))
    began = time.monotonic()

    with django_assert_num_queries(1):
        lots = queries.lots(0, 1)
    with django_assert_num_queries(1):
        held = queries.at(0, 1, timezone.now() + timedelta(seconds=1))
    with django_assert_num_queries(1):
        entries = queries.entries(0, 1)

    assert time.monotonic() - began < PATIENCE_SECONDS
    assert sum(lot.remaining for lot in lots) == LOTS * 1_00 - 20 * 1_50
    assert held == {chart.pot(make.cny(), Bucket.PRINCIPAL): (LOTS * 1_00 - 20 * 1_50, 0)}
    assert len(entries) == 21


def expire_together(wallets: int, lots: int, statements: Counter[str]) -> None:
    """Lots that all ended an hour ago, in wallets of every book, taken by the sweeper."""
    then = timezone.now() - timedelta(days=1)
    everybody = [(wallet % 64, wallet) for wallet in range(1, wallets + 1)]
    for start in range(0, wallets, 500):
        with transaction.atomic():
            asked = [
                fill(wallet, lots, then + timedelta(hours=1), book=book) for book, wallet in everybody[start : start + 500]
            ]
            posting.post(asked, now=then)
    statements.clear()

    swept = expiry.sweep()

    assert (swept.wallets, swept.records) == (wallets, wallets)
    assert expiry.sweep().wallets == 0
    assert not Lot.objects.filter(open=True).exists()
    taken = SystemTotal.objects.filter(account=chart.BREAKAGE).values_list("total", flat=True)
    assert sum(taken) == wallets * lots * 1_00
    books = min(64, wallets)
    assert statements[writing.OPERATIONS] <= books + wallets // expiry.WALLETS_AT_ONCE, "hundreds of wallets a batch"
    connection.ensure_connection()
    assert verification.verify(connection.connection).findings == []


@pytest.mark.django_db
def test_two_thousand_lots_expire_together(statements: Counter[str]) -> None:
    expire_together(200, 10, statements)


@pytest.mark.soak
@pytest.mark.real
def test_a_hundred_thousand_lots_expire_together(committed: None, statements: Counter[str]) -> None:
    assets.number("CNY")
    expire_together(10_000, 10, statements)
