from datetime import date, datetime

import make
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cast
import shop
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.models import Store
from chuzhi.wallets import disputes, holds, queries, statements
from chuzhi.wallets.errors import StatementTooLong, StatementUnusable
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=shop_zone())


def march(first: int, last: int) -> dict[str, date]:
    return {"since": date(2026, 3, first), "until": date(2026, 3, last)}


@pytest.fixture
def told(wallet: Wallet, store: Store) -> Wallet:
    shop.top_up(wallet, 500_00, store, effective_at=on(2))
    shop.charge(wallet, 100_00, store, effective_at=on(5))
    shop.charge(wallet, 50_00, store, effective_at=on(9, 0))
    shop.charge(wallet, 30_00, store, effective_at=on(9, 23))
    shop.top_up(wallet, 200_00, store, effective_at=on(20))
    return wallet


def test_opening_and_movements_make_the_closing_balance(told: Wallet) -> None:
    found = statements.of(told, **march(5, 9))

    assert found.opening.available == 580_00
    assert [line.change for line in found.lines] == [-100_00, -50_00, -30_00]
    assert [line.after.available for line in found.lines] == [480_00, 430_00, 400_00]
    assert (found.came, found.went, found.closing.available) == (0, -180_00, 400_00)


def test_days_are_those_of_the_shop_from_their_first_moment_to_their_last(told: Wallet) -> None:
    assert len(statements.of(told, **march(9, 9)).lines) == 2
    assert len(statements.of(told, **march(6, 8)).lines) == 0
    assert statements.of(told, **march(6, 8)).closing.available == 480_00


def test_one_statement_begins_where_the_last_one_ended(told: Wallet) -> None:
    one, next_one = statements.of(told, **march(1, 8)), statements.of(told, **march(9, 31))

    assert one.opening.available == 0
    assert one.closing == next_one.opening
    assert next_one.closing.available == queries.balance(told).available


def test_what_is_only_held_is_no_movement_and_what_is_owed_is_told(told: Wallet, store: Store) -> None:
    sold = shop.top_up(told, 50_00, store)
    shop.charge(told, 600_00, store)
    holds.place(wallet=told, amount=1_00, store=store.pk, key=make.key(), by=cast.OWNER)
    disputes.begin(wallet=told, top_up=sold.seq, key=make.key(), by=cast.OWNER)

    found = statements.of(told, since=timezone.localdate(), until=timezone.localdate())

    now = queries.balance(told)
    assert (found.closing.principal, found.closing.bonus, found.closing.debt) == (now.principal, now.bonus, now.debt)
    assert 0 not in [line.change or line.moved.debt for line in found.lines]


@pytest.mark.parametrize("days", [march(9, 8), {"since": date(2025, 1, 1), "until": date(2026, 1, 2)}])
def test_days_that_are_none_or_too_many_are_refused(wallet: Wallet, days: dict[str, date]) -> None:
    with pytest.raises(StatementUnusable):
        statements.of(wallet, **days)


def test_more_than_anybody_reads_is_refused(told: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_LINES", 3)

    assert len(statements.of(told, **march(5, 9)).lines) == 3
    with pytest.raises(StatementTooLong):
        statements.of(told, **march(5, 20))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 28), st.integers(-300_00, 300_00).filter(bool)), max_size=8), st.integers(1, 28))
def test_any_two_statements_side_by_side_are_the_one_of_both(
    wallet: Wallet, store: Store, acts: list[tuple[int, int]], cut: int
) -> None:
    for day, amount in acts:
        if amount > 0:
            shop.top_up(wallet, amount, store, effective_at=on(day))
        elif queries.balance(wallet).available >= -amount:
            shop.charge(wallet, -amount, store, effective_at=on(day))

    whole, first, second = (statements.of(wallet, **march(*days)) for days in ((1, 29), (1, cut), (cut + 1, 29)))

    assert (whole.opening, whole.closing) == (first.opening, second.closing)
    assert first.closing == second.opening
    assert whole.lines == first.lines + second.lines
    assert whole.opening.available + whole.came + whole.went == whole.closing.available
