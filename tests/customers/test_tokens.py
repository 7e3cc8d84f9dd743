from hypothesis import given
from hypothesis import strategies as st

from chuzhi.core import vault
from chuzhi.customers import tokens

numbers = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(number=numbers, start=st.integers(0, 8), length=st.integers(3, 11))
def test_every_piece_of_a_number_leads_to_it(number: str, start: int, length: int) -> None:
    keys = vault.latest()
    stored = set(tokens.of(phone=f"+86{number}", email=None, keys=keys))
    piece = number[start : start + length]

    # Three digits at the very end have no run that begins with them: the search asks for ends first.
    (inside,), (ending,) = tokens.phone_part(piece, keys=keys), tokens.phone_tail(piece, keys=keys)

    wanted = ending if number.endswith(piece) else inside
    assert stored.issuperset(wanted.all)
    assert not wanted.any or stored & set(wanted.any)


def test_a_token_stands_for_several_runs_of_digits() -> None:
    keys = vault.latest()

    made = {tokens.phone_part(f"{run:04d}", keys=keys)[0].all for run in range(10_000)}

    assert 900 < len(made) <= 1024
