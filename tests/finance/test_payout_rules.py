"""Which line of a statement brought which payouts."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from chuzhi.finance import payout_rules
from chuzhi.finance.payout_rules import Came, Due, Pair

DAY = date(2026, 3, 6)
FRIDAY, SATURDAY, SUNDAY, MONDAY = (DAY + timedelta(days=n) for n in range(4))


def due(amount: int, on: date, number: str = "") -> Due:
    return Due(number or str(on), amount, on + timedelta(days=1))


def came(line: int, amount: int, on: date, text: str = "财付通支付科技有限公司") -> Came:
    return Came(line, amount, on, text)


def test_each_day_is_brought_by_the_line_of_its_amount() -> None:
    pairs = payout_rules.paired([due(500, FRIDAY), due(700, SATURDAY)], [came(1, 700, MONDAY), came(2, 500, MONDAY)])

    assert pairs == [Pair([str(SATURDAY)], 1), Pair([str(FRIDAY)], 2)]


def test_one_line_brings_a_weekend_in_a_row_even_with_a_day_below_zero() -> None:
    days = [due(500, FRIDAY), due(-20, SATURDAY), due(700, SUNDAY)]

    assert payout_rules.paired(days, [came(1, 1180, MONDAY)]) == [Pair([str(FRIDAY), str(SATURDAY), str(SUNDAY)], 1)]


def test_the_provider_s_own_number_decides_whatever_the_amount() -> None:
    told = due(500, FRIDAY, "po_123456789012")

    assert payout_rules.paired([told], [came(1, 499, MONDAY, "STRIPE po_123456789012")]) == [Pair([told.number], 1)]


def test_what_fits_nothing_pairs_with_nothing() -> None:
    too_late = MONDAY + timedelta(days=30)

    assert payout_rules.paired([due(500, FRIDAY)], [came(1, 499, MONDAY)]) == []
    assert payout_rules.paired([due(500, FRIDAY)], [came(1, 500, FRIDAY)]) == []
    assert payout_rules.paired([due(500, FRIDAY)], [came(1, 500, too_late)]) == []


def test_providers_are_known_by_their_names_in_any_width() -> None:
    assert payout_rules.names("stripe", "ＳＴＲＩＰＥ payments")
    assert payout_rules.names("alipay", "支付宝（中国）网络技术有限公司")
    assert not payout_rules.names("wechat", "王小明 充值")


amounts = some.integers(-50, 200)
days = some.integers(0, 12).map(lambda n: DAY + timedelta(days=n))


@given(some.lists(some.tuples(amounts, days), max_size=8), some.lists(some.tuples(some.integers(1, 400), days), max_size=8))
def test_each_payout_and_line_is_taken_once_and_sums_are_exact(
    owed: list[tuple[int, date]], lines: list[tuple[int, date]]
) -> None:
    expected = [due(amount, on, f"d{place}") for place, (amount, on) in enumerate(sorted(owed, key=lambda each: each[1]))]
    arrived = [came(place, amount, on) for place, (amount, on) in enumerate(sorted(lines, key=lambda each: each[1]))]

    pairs = payout_rules.paired(expected, arrived)

    taken = [number for pair in pairs for number in pair.numbers]
    assert len(taken) == len(set(taken))
    assert len(pairs) == len({pair.line for pair in pairs})
    of_number = {each.number: each.amount for each in expected}
    for pair in pairs:
        assert sum(of_number[number] for number in pair.numbers) == arrived[pair.line].amount
