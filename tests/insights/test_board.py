from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
from chuzhi.insights import board, journal
from chuzhi.insights.journal import Edge, Wanted
from chuzhi.insights.rules import Held
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Kind, Method
from chuzhi.organization.models import Store
from chuzhi.wallets import gifts, transfers
from chuzhi.wallets.models import Wallet
from shop import charge, slip, top_up, wallet_in_another_book
from topups.test_clearing import paid

pytestmark = pytest.mark.django_db
AGO = timedelta(days=5)


def cny(found: board.Board) -> board.Float:
    return next(each for each in found.floats if each.asset == "CNY")


def everything() -> Wanted:
    return Wanted(first=journal.today() - AGO, last=journal.today())


class TestFloat:
    def test_it_is_what_all_wallets_hold_whatever_moved_between_them(self, wallet: Wallet, store: Store) -> None:
        top_up(wallet, 500_00, store)
        charge(wallet, 120_00, store)
        gifts.give(wallet=wallet, amount=5_00, cause="complaint", ticket="T", key=make.key(), by=cast.OWNER)
        other = wallet_in_another_book(wallet)
        transfers.send(wallet=wallet, to=other, amount=30_00, reason="family", key=make.key(), by=cast.OWNER)

        assert cny(board.of(cast.OWNER)).now == Held(380_00, 85_00)

    def test_what_took_effect_earlier_is_in_those_days_and_not_in_today(self, wallet: Wallet, store: Store) -> None:
        top_up(wallet, 300_00, store, effective_at=timezone.now() - AGO)
        charge(wallet, 50_00, store)

        found = cny(board.of(cast.OWNER, since=journal.today() - AGO - timedelta(days=1)))

        assert found.today == Held(-50_00)
        assert [held.principal for _day, held in found.days] == [0, 300_00, 300_00, 300_00, 300_00, 300_00, 250_00]
        assert found.since == Held(250_00)

    def test_opening_changes_and_closing_add_up(self, wallet: Wallet, store: Store) -> None:
        for ago, amount in ((AGO, 300_00), (timedelta(days=3), 40_00)):
            top_up(wallet, amount, store, effective_at=timezone.now() - ago)
        charge(wallet, 60_00, store, effective_at=timezone.now() - timedelta(days=3))
        charge(wallet, 1_00, store)
        day = journal.today() - timedelta(days=3)

        [found] = [each for each in board.changed(day, day) if each.asset == "CNY"]

        assert (found.opening, found.closing) == (Held(300_00), Held(280_00))
        assert found.by_kind == {Kind.TOP_UP: Held(40_00), Kind.CHARGE: Held(-60_00)}

    def test_a_day_out_of_reach_is_the_nearest_one(self, wallet: Wallet) -> None:
        today = journal.today()

        assert board.of(cast.OWNER, since=today).since == today - timedelta(days=1)
        assert board.of(cast.OWNER, since=today - timedelta(days=900)).since == today - timedelta(days=board.LONGEST_DAYS)


class TestToday:
    def test_by_store_by_way_in_and_by_method(self, wallet: Wallet, store: Store) -> None:
        top_up(wallet, 100_00, store, slip=slip(), method=Method.TERMINAL)
        top_up(wallet, 20_00, store, effective_at=timezone.now() - AGO)
        paid(wallet, 60_00)
        charge(wallet, 30_00, store, by=cast.actor("cashier"))

        [today] = board.of(cast.OWNER).today

        assert (today.sums.topped_up, today.sums.charged) == (160_00, 30_00)
        assert {store_: sums.topped_up for store_, sums in today.by_store.items()} == {store.pk: 100_00, None: 60_00}
        assert {way: sums.topped_up for way, sums in today.by_channel.items()} == {"auto": 100_00, "web": 60_00, "counter": 0}
        assert today.by_method[Method.TERMINAL].topped_up == 100_00
        assert sum(sums.operations for sums in today.by_hour.values()) == 3

    def test_who_works_in_some_stores_sees_those_and_nothing_of_the_whole(self, wallet: Wallet, store: Store) -> None:
        elsewhere = cast.store("别处")
        top_up(wallet, 100_00, store)
        top_up(wallet, 7_00, elsewhere)
        paid(wallet, 60_00)

        found = board.of(cast.actor("manager", elsewhere))

        assert found.floats == []
        assert [today.sums.topped_up for today in found.today] == [7_00]
        assert [move.amount for move in found.largest] == [7_00]
        assert found.waiting.unmatched is None


class TestEntries:
    def test_the_newest_first_and_on_from_the_last_one(self, wallet: Wallet, store: Store) -> None:
        for amount in (1_00, 2_00, 3_00):
            top_up(wallet, amount, store)

        first = journal.moves(everything(), 2)
        rest = journal.moves(everything(), 2, Edge(first[-1].at, first[-1].book, first[-1].seq))

        assert [move.amount for move in [*first, *rest]] == [3_00, 2_00, 1_00]

    def test_those_that_are_wanted(self, wallet: Wallet, store: Store) -> None:
        top_up(wallet, 10_00, store)
        paid(wallet, 60_00)
        charge(wallet, 5_00, store)
        days = {"first": journal.today(), "last": journal.today()}

        def amounts(**wanted: object) -> list[int]:
            return [move.amount for move in journal.moves(Wanted(**days, **wanted), 9)]  # type: ignore[arg-type]  # any of them

        assert amounts(kinds=(Kind.CHARGE,)) == [5_00]
        assert amounts(store=store.pk) == [5_00, 10_00]
        assert amounts(has_no_store=True) == [60_00]
        assert amounts(channel="web") == [60_00]
        assert amounts(method=int(Method.CASH)) == [10_00]
        assert amounts(asset=assets.number("USD")) == []
        assert amounts(stores=frozenset()) == []
        assert amounts(stores=frozenset({store.pk})) == [5_00, 10_00]

    def test_the_largest_move_most_whichever_way(self, wallet: Wallet, store: Store) -> None:
        for amount in (10_00, 90_00):
            top_up(wallet, amount, store)
        charge(wallet, 50_00, store)

        assert [move.amount for move in journal.largest(everything(), 2)] == [90_00, 50_00]
