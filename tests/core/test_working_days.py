"""Public holidays and moved weekends, by the currency that travels."""

from datetime import date

import pytest

from chuzhi.core import working_days


@pytest.mark.parametrize(
    ("day", "currency", "works"),
    [
        (date(2026, 2, 14), "CNY", True),  # a Saturday that is worked for Spring Festival
        (date(2026, 2, 16), "CNY", False),  # Spring Festival's eve, a Monday
        (date(2026, 2, 21), "CNY", False),
        (date(2026, 10, 7), "CNY", False),
        (date(2026, 10, 10), "CNY", True),
        (date(2025, 9, 28), "CNY", True),
        (date(2026, 3, 7), "CNY", False),
        (date(2026, 3, 9), "CNY", True),
        (date(2026, 7, 3), "USD", False),  # Independence Day, observed
        (date(2026, 2, 16), "EUR", True),
        (date(2026, 4, 3), "EUR", False),  # Good Friday
        (date(2026, 2, 17), "HKD", False),
        (date(2026, 2, 17), "AUD", True),
        (date(2026, 2, 21), "AUD", False),
    ],
)
def test_a_day(day: date, currency: str, works: bool) -> None:
    assert working_days.works_on(day, currency) is works


@pytest.mark.parametrize(
    ("year", "currency", "known"),
    [(2026, "CNY", True), (2099, "CNY", False), (2099, "EUR", True), (2500, "EUR", False), (2026, "AUD", False)],
)
def test_what_is_known_is_said(year: int, currency: str, known: bool) -> None:
    assert working_days.is_known(year, currency) is known


def test_a_year_that_nobody_knows_has_weekends() -> None:
    assert [working_days.works_on(date(2500, 1, day), "CNY") for day in range(1, 8)].count(False) == 2
