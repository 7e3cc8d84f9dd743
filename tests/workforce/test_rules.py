from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.workforce import rules

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 1, 31), TODAY),
        (date(2024, 1, 1), TODAY),
    ],
)
def test_a_customer_is_due_so_many_days_after_the_last_time(last: date, due: date) -> None:
    assert rules.due(7, every_days=30, last=last, today=TODAY) == due


def test_customers_who_were_never_followed_up_are_spread_over_the_days() -> None:
    days = [rules.due(customer, every_days=30, last=None, today=TODAY) for customer in range(300)]

    assert set(Counter(days).values()) == {10}
    assert (min(days), max(days)) == (TODAY, TODAY + timedelta(days=29))


@given(customer=st.integers(1, 2**40), every_days=st.integers(1, 731), passed=st.integers(0, 730))
def test_until_that_day_comes_every_day_names_the_same_one(customer: int, every_days: int, passed: int) -> None:
    due = rules.due(customer, every_days=every_days, last=None, today=TODAY)
    later = min(TODAY + timedelta(days=passed), due)

    assert rules.due(customer, every_days=every_days, last=None, today=later) == due
