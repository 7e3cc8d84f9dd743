"""Three books and what is said of them; the sums always come out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chuzhi.finance import rules
from chuzhi.finance.rules import Fix, Kind, Move, Sides, Wait, Way

DAY = date(2026, 3, 1)
AGREED = Sides(way=Way.PAYMENT, booked=500, ours=500, billed=500, billed_times=1, fee=3, billed_fee=3, wait=Wait.ITS_DAY)

amounts = some.one_of(some.none(), some.sampled_from([-500, -499, 499, 500, 1000]))
sides = some.builds(
    Sides,
    way=some.sampled_from([Way.PAYMENT, Way.REFUND, Way.DISPUTE]),
    booked=amounts,
    ours=amounts,
    billed=amounts,
    billed_times=some.integers(0, 3),
    needs_booking=some.booleans(),
    fee=amounts,
    billed_fee=amounts,
    wait=some.sampled_from(Wait),
)
days = some.one_of(some.none(), some.integers(-3, 3).map(lambda n: DAY + timedelta(days=n)))
moves = some.builds(
    Move,
    expected=some.integers(-900, 900),
    expected_on=days,
    billed=some.integers(-900, 900),
    billed_on=days,
    written_off=some.integers(-900, 900),
    written_off_on=days,
)


@pytest.mark.parametrize(
    ("changed", "kind", "amount"),
    [
        ({}, None, 0),
        ({"billed": None, "wait": Wait.NOTHING}, None, 0),
        ({"billed": None, "wait": Wait.ITS_DAY}, Kind.LATE, 500),
        ({"billed": None, "wait": Wait.THE_NEXT_TOO}, Kind.OURS_NOT_IN_BILL, 500),
        ({"booked": None, "ours": None}, Kind.IN_BILL_NOT_OURS, -500),
        ({"billed": 1000, "billed_times": 2}, Kind.TWICE_IN_BILL, -500),
        ({"billed": 499}, Kind.AMOUNT_DIFFERS, 1),
        ({"booked": 499}, Kind.AMOUNT_DIFFERS, -1),
        ({"ours": None}, Kind.CREDITED_NOT_PAID, 500),
        ({"ours": None, "billed": None}, Kind.CREDITED_NOT_PAID, 500),
        ({"booked": None}, Kind.PAID_NOT_CREDITED, -500),
        ({"booked": None, "needs_booking": False}, None, 0),
        ({"booked": None, "billed": None, "wait": Wait.NOTHING}, None, 0),
        ({"way": Way.SHIFT, "booked": 500, "billed": 480}, Kind.DRAWER_DIFFERS, 20),
    ],
)
def test_what_a_difference_is_called(changed: dict[str, object], kind: Kind | None, amount: int) -> None:
    found = rules.difference_of_money(replace(AGREED, **changed))  # type: ignore[arg-type]  # fields of Sides

    assert (found.kind, found.amount) == (kind, amount) if found else kind is None


def test_a_fee_is_compared_where_somebody_knows_it_and_the_payment_is_billed_once() -> None:
    other = rules.difference_of_fee(replace(AGREED, billed_fee=4))

    assert other == rules.Difference(Kind.FEE_DIFFERS, -1)
    assert rules.difference_of_fee(replace(AGREED, fee=None, billed_fee=4)) is None
    assert rules.difference_of_fee(replace(AGREED, billed_times=2, billed_fee=6)) is None


def test_a_bill_is_waited_for_until_the_next_one_is_here() -> None:
    both = frozenset({DAY, DAY + timedelta(days=1)})

    waits = [rules.waited(DAY, here) for here in (frozenset[date](), frozenset({DAY}), both)]

    assert waits == [Wait.NOTHING, Wait.ITS_DAY, Wait.THE_NEXT_TOO]


@given(sides)
def test_what_is_not_settled_is_a_case_or_still_on_its_way(told: Sides) -> None:
    found = rules.difference_of_money(told)

    if found is None:
        is_on_its_way = told.billed is None and told.ours is not None and told.wait is Wait.NOTHING
        assert is_on_its_way or rules.expected(told) == (told.billed or 0)
    else:
        assert found.amount != 0


@given(some.lists(moves))
def test_a_clearing_account_closes_with_the_sum_of_what_is_not_settled(told: list[Move]) -> None:
    account = rules.clearing(told, DAY)

    assert account.closing == sum(rules.position(move, DAY) for move in told)
    assert account.opening == rules.clearing(told, DAY - timedelta(days=1)).closing


@given(some.lists(moves))
def test_what_was_settled_before_a_day_need_not_be_read(told: list[Move]) -> None:
    over = Move(expected=500, expected_on=DAY - timedelta(days=2), billed=500, billed_on=DAY - timedelta(days=1))

    assert rules.clearing([*told, over], DAY) == rules.clearing(told, DAY)


@pytest.mark.parametrize(
    ("told", "kind", "amount"),
    [
        (Sides(way=Way.LINE, billed=500, billed_times=1), Kind.IN_BILL_NOT_OURS, -500),
        (Sides(way=Way.LINE, billed=500, billed_times=2), Kind.TWICE_IN_BILL, -500),
        (Sides(way=Way.LINE, billed=300, billed_times=1, ours=500), Kind.AMOUNT_DIFFERS, -300),
        (Sides(way=Way.LINE), None, 0),
        (Sides(way=Way.PAYOUT, ours=500, needs_booking=False, wait=Wait.ITS_DAY), None, 0),
        (Sides(way=Way.PAYOUT, ours=500, needs_booking=False, wait=Wait.THE_NEXT_TOO), Kind.NOT_ARRIVED, 500),
        (Sides(way=Way.PAYOUT, ours=500, billed=499, needs_booking=False), Kind.AMOUNT_DIFFERS, 1),
        (Sides(way=Way.PAYOUT, ours=500, billed=500, needs_booking=False), None, 0),
    ],
)
def test_what_a_line_and_a_payout_are_called(told: Sides, kind: Kind | None, amount: int) -> None:
    found = rules.difference_of_money(told)

    assert (found.kind, found.amount) == (kind, amount) if found else kind is None


@pytest.mark.parametrize(
    ("way", "kind", "knows", "is_paid", "fixes"),
    [
        (Way.PAYMENT, Kind.PAID_NOT_CREDITED, True, True, (Fix.BOOK, Fix.PAY_BACK, Fix.WRITE_OFF)),
        (Way.PAYMENT, Kind.IN_BILL_NOT_OURS, True, False, (Fix.BOOK, Fix.WRITE_OFF)),
        (Way.PAYMENT, Kind.IN_BILL_NOT_OURS, False, False, (Fix.WRITE_OFF,)),
        (Way.PAYMENT, Kind.TWICE_IN_BILL, True, True, (Fix.REFUND_EXTRA, Fix.WRITE_OFF)),
        (Way.REFUND, Kind.TWICE_IN_BILL, False, False, (Fix.WRITE_OFF,)),
        (Way.SHIFT, Kind.DRAWER_DIFFERS, False, False, (Fix.WRITE_OFF,)),
        (Way.LINE, Kind.IN_BILL_NOT_OURS, False, False, ()),
    ],
)
def test_what_can_be_done_about_a_difference(way: Way, kind: Kind, knows: bool, is_paid: bool, fixes: tuple[Fix, ...]) -> None:
    assert rules.fixes(way, kind, knows_payment=knows, is_paid=is_paid) == fixes


def test_what_nobody_paid_is_taken_back_where_its_top_up_is_known() -> None:
    def offered(way: Way, *, knows_top_up: bool) -> tuple[Fix, ...]:
        return rules.fixes(way, Kind.CREDITED_NOT_PAID, knows_payment=False, is_paid=False, knows_top_up=knows_top_up)

    assert offered(Way.PAYMENT, knows_top_up=True) == (Fix.TAKE_BACK, Fix.WRITE_OFF)
    assert offered(Way.PAYMENT, knows_top_up=False) == offered(Way.REFUND, knows_top_up=True) == (Fix.WRITE_OFF,)


@given(some.lists(some.tuples(some.integers(-2, 60).map(lambda n: DAY - timedelta(days=n)), some.integers(-900, 900))))
def test_everything_that_is_open_has_one_age(left: list[tuple[date, int]]) -> None:
    ages = rules.aged(left, DAY)

    assert sum(each.count for each in ages) == len(left)
    assert sum(each.amount for each in ages) == sum(amount for _since, amount in left)
    assert [each.over_days for each in ages] == sorted({each.over_days for each in ages})
