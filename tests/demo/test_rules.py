from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chuzhi.demo import rules
from chuzhi.demo.rules import Saving
from chuzhi.demo.story import Basket

START = datetime(2026, 1, 1, tzinfo=UTC)


def year(amounts: list[int]) -> list[Basket]:
    return [Basket(number, 1, START + timedelta(days=number), amount, ()) for number, amount in enumerate(amounts)]


def test_a_household_tops_up_before_the_basket_it_cannot_pay() -> None:
    saving, basket = rules.told(year([73_77]))

    assert saving == Saving(0, 1, basket.at - rules.BEFORE, 100_00)


def test_five_hundred_get_eighty_and_a_thousand_two_hundred() -> None:
    assert [rules.bonus(paid) for paid in (499_99, 500_00, 999_99, 1000_00, 5000_00)] == [0, 80_00, 80_00, 200_00, 200_00]


@given(st.lists(st.integers(0, 20_000_00), max_size=60))
def test_nobody_ever_spends_what_is_not_there(amounts: list[int]) -> None:
    balance = 0
    for step in rules.told(year(amounts)):
        balance += step.amount + rules.bonus(step.amount) if isinstance(step, Saving) else -step.amount
        assert balance >= 0
