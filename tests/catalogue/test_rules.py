import pytest

from chuzhi.catalogue import rules


@pytest.mark.parametrize(
    ("price", "quantity", "worth"),
    [(28_00, 1000, 28_00), (28_00, 3000, 84_00), (39_80, 350, 13_93), (1, 499, 0), (1, 500, 1), (9_99, 1500, 14_99)],
)
def test_half_a_cent_is_rounded_up(price: int, quantity: int, worth: int) -> None:
    assert rules.worth(price, quantity) == worth


@pytest.mark.parametrize(
    ("typed", "quantity"), [("2", 2000), ("0.35", 350), (" 1.5 ", 1500), ("０.５", 500), ("100000", 100_000_000)]
)
def test_quantities_as_people_type_them(typed: str, quantity: int) -> None:
    assert rules.quantity_of(typed) == quantity


@pytest.mark.parametrize("typed", ["", "0", "-1", "0.0001", "1e3", "NaN", "100000.001", "٣", "1,5", "2 kg"])
def test_what_is_no_quantity(typed: str) -> None:
    assert rules.quantity_of(typed) is None


@pytest.mark.parametrize(("quantity", "text"), [(2000, "2"), (350, "0.35"), (1, "0.001"), (1500, "1.5")])
def test_a_quantity_reads_as_it_was_typed(quantity: int, text: str) -> None:
    assert rules.quantity_text(quantity) == text
