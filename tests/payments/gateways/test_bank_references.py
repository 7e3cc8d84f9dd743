from hypothesis import given
from hypothesis import strategies as st

from chuzhi.payments.gateways.bank import references
from chuzhi.payments.gateways.bank.references import ALPHABET, LENGTH

NUMBERS = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=32)


@given(NUMBERS)
def test_a_reference_is_short_valid_and_the_payments_own(number: str) -> None:
    made = references.of(number)

    assert len(references.plain(made)) == LENGTH
    assert references.is_valid(made)
    assert references.of(number) == made


@given(NUMBERS, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(number: str, place: int, sign: str) -> None:
    right = references.plain(references.of(number))
    wrong = right[:place] + sign + right[place + 1 :]

    assert references.is_valid(wrong) == (wrong == right)


@given(NUMBERS, st.integers(0, LENGTH - 2))
def test_two_neighbours_changed_over_are_noticed(number: str, place: int) -> None:
    right = references.plain(references.of(number))
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]

    assert references.is_valid(wrong) == (wrong == right)
    assert wrong == right or references.nearly(f"top up {wrong}", [right]) == {right}


@given(NUMBERS, st.text(max_size=40), st.text(max_size=40))
def test_a_reference_is_found_in_whatever_stands_around_it(number: str, before: str, after: str) -> None:
    made = references.of(number)

    assert references.plain(made) in references.within(f"{before} {made.lower()} {after}")


def test_full_width_and_spaces_do_not_hide_it() -> None:
    made = references.of("payment1")
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign != "-" else " " for sign in made)

    assert references.within(f"充值 {wide} 谢谢") == {references.plain(made)}
