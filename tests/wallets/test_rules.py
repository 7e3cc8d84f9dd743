from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.wallets import rules
from chuzhi.wallets.rules import Band

SHANGHAI = ZoneInfo("Asia/Shanghai")
DIGITS = st.text("0123456789", min_size=11, max_size=18)
BANDS = (Band(1, 500_00, 80_00), Band(2, 1000_00, 200_00))


@pytest.mark.parametrize(("digits", "last"), [("7992739871", "3"), ("411111111111111", "1"), ("0", "0")])
def test_the_check_digit_is_luhns(digits: str, last: str) -> None:
    assert rules.check_digit(digits) == last


@given(DIGITS)
def test_a_number_with_its_check_digit_is_a_card_number(digits: str) -> None:
    assert rules.is_card_number(digits + rules.check_digit(digits))


@given(DIGITS, st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    number = digits + rules.check_digit(digits)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))

    assert not rules.is_card_number(number[:place] + other + number[place + 1 :])


@given(DIGITS, st.data())
def test_swapped_neighbours_are_found_except_for_0_and_9(digits: str, data: st.DataObject) -> None:
    number = digits + rules.check_digit(digits)
    place = data.draw(st.integers(0, len(number) - 2))
    first, second = number[place], number[place + 1]

    swapped = number[:place] + second + first + number[place + 2 :]

    assert rules.is_card_number(swapped) == (first == second or {first, second} == {"0", "9"})


@pytest.mark.parametrize("text", ["", "4111", "４１１１１１１１１１１１１１１１", "4111-1111-1111-1111", "4" * 40, "٤" * 16])
def test_what_is_no_card_number(text: str) -> None:
    assert not rules.is_card_number(text)


@pytest.mark.parametrize(
    ("paid", "bonus"), [(499_99, 0), (500_00, 80_00), (999_99, 80_00), (1000_00, 200_00), (1500_00, 200_00), (5000_00, 200_00)]
)
def test_the_highest_band_reached_gives_its_bonus_once(paid: int, bonus: int) -> None:
    band = rules.band_for(BANDS, paid)

    assert (band.bonus if band else 0) == bonus


@pytest.mark.parametrize(
    ("granted_at", "days", "until"),
    [
        (datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI), 1, datetime(2026, 1, 3, tzinfo=SHANGHAI)),
        (datetime(2026, 1, 1, 23, 59, tzinfo=SHANGHAI), 1, datetime(2026, 1, 3, tzinfo=SHANGHAI)),
        (datetime(2026, 1, 1, 16, 0, tzinfo=UTC), 1, datetime(2026, 1, 4, tzinfo=SHANGHAI)),
        (datetime(2024, 2, 28, 12, 0, tzinfo=SHANGHAI), 1, datetime(2024, 3, 1, tzinfo=SHANGHAI)),
        (datetime(2026, 1, 1, tzinfo=SHANGHAI), None, None),
    ],
)
def test_value_is_good_through_whole_days_of_the_shop(granted_at: datetime, days: int | None, until: datetime | None) -> None:
    assert rules.valid_until(granted_at, days, SHANGHAI) == until


@given(st.integers(0, 90 * 365 * 86_400), st.integers(1, 1000))
def test_valid_days_are_never_fewer_than_promised(second: int, days: int) -> None:
    granted_at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=second)

    until = rules.valid_until(granted_at, days, SHANGHAI)

    assert until is not None
    assert timedelta(days=days) < until - granted_at <= timedelta(days=days + 1)
