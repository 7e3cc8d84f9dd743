import pytest

from chuzhi.payments.counter import rules


def test_notes_and_coins_are_added_up() -> None:
    assert rules.counted({100_00: 3, 50: 5, 10: 0}, "CNY") == 302_50
    assert rules.counted({}, "CNY") == 0
    assert rules.counted({10_000: 2, 1: 3}, "JPY") == 20_003


@pytest.mark.parametrize("pieces", [{3_00: 1}, {100_00: -1}, {100_00: rules.MOST_PIECES + 1}])
def test_what_is_no_count_is_none(pieces: dict[int, int]) -> None:
    assert rules.counted(pieces, "CNY") is None


@pytest.mark.parametrize("currency", [*rules.DENOMINATIONS, "KWD", "CHF"])
def test_every_currency_can_be_counted_to_its_last_unit(currency: str) -> None:
    known = rules.denominations(currency)

    assert sorted(known, reverse=True) == list(known)
    assert known[-1] == 1 or currency in {"CNY", "HKD"}


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "card 6217-0000-1111-2220 x",
        "５１０５１０５１０５１０５１００",
        "378282246310005",
    ],
)
def test_a_whole_card_number_is_recognised(text: str) -> None:
    assert rules.is_card_number(text)


@pytest.mark.parametrize("text", ["000123", "T-01", "4242424242424241", "2026-03-01 0001", "", "123456789012", "112302040004"])
def test_other_numbers_are_not(text: str) -> None:
    assert not rules.is_card_number(text)
