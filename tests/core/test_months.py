from datetime import date

from chuzhi.core import months


def test_a_month_later_is_the_same_day_or_the_last() -> None:
    assert months.later(date(2026, 3, 10), 1) == date(2026, 4, 10)
    assert months.later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months.later(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months.later(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    assert months.on(31, date(2026, 2, 3)) == date(2026, 2, 28)
    assert months.on(31, date(2028, 2, 3)) == date(2028, 2, 29)
    assert months.on(15, date(2026, 2, 28)) == date(2026, 2, 15)
