"""Sums by tables: what counts where, and a line drawn backwards from today."""

from datetime import date, timedelta

from chuzhi.insights import rules
from chuzhi.insights.rules import Change, Flow, Held, Sums
from chuzhi.ledger.chart import Kind

TODAY = date(2026, 3, 5)


def flow(kind: Kind, amount: int, store: int | None = 1, operations: int = 1) -> Flow:
    return Flow(kind, asset=1, store=store, channel="counter", method=1, hour=9, amount=amount, operations=operations)


def days(count: int) -> list[date]:
    return [TODAY - timedelta(days=back) for back in range(count)]


def test_each_kind_counts_for_what_people_call_it() -> None:
    flows = [
        flow(Kind.TOP_UP, 500), flow(Kind.CHARGE, 90, operations=2), flow(Kind.CAPTURE, 10), flow(Kind.REFUND, 7),
        flow(Kind.TOP_UP_REFUND, 3), flow(Kind.EXPIRY, 1), flow(Kind.TRANSFER_IN, 9),
    ]  # fmt: skip

    assert rules.summed(flows, lambda each: each.store) == {1: Sums(500, 100, 7, 3, operations=6)}


def test_what_moved_most_comes_first() -> None:
    flows = [flow(Kind.TOP_UP, 5, store=1), flow(Kind.CHARGE, 9, store=None), flow(Kind.REFUND, 99, store=3)]

    assert list(rules.summed(flows, lambda each: each.store)) == [None, 1, 3]


def test_what_comes_to_nothing_is_left_out() -> None:
    moved = [Change(TODAY, Kind.TRANSFER_OUT, 1, Held(-5, 0)), Change(TODAY, Kind.TRANSFER_IN, 1, Held(5, 0))]

    assert rules.together(moved, lambda each: each.asset) == {}
    assert rules.together(moved, lambda each: each.kind) == {Kind.TRANSFER_OUT: Held(-5), Kind.TRANSFER_IN: Held(5)}


def test_the_line_is_drawn_from_now_backwards() -> None:
    changes = {TODAY: Held(10, 1), TODAY - timedelta(days=2): Held(-3, 0)}

    drawn = rules.line(Held(100, 5), changes, days(4))

    assert [held for _day, held in drawn] == [Held(93, 4), Held(90, 4), Held(90, 4), Held(100, 5)][-4:]
    assert [day for day, _held in drawn] == days(4)[::-1]
