import pytest

from chuzhi.core import money
from chuzhi.core.errors import Refused


@pytest.mark.parametrize(
    ("given", "currency", "amount"),
    [
        ("123.45", "CNY", 123_45),
        ("１２．５", "CNY", 12_50),
        ("1,234.5", "CNY", 1234_50),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        (" 7 ", "CNY", 7_00),
    ],
)
def test_an_amount_is_read_in_minor_units(given: str, currency: str, amount: int) -> None:
    assert money.parse(given, currency) == amount


@pytest.mark.parametrize(
    "given",
    [
        "-1",
        "0",
        "0.001",
        "1e3",
        "1e308",
        "NaN",
        "∞",
        "1.2.3",
        "",
        "12,34",
        "9" * 17,
        "9223372036854775808",
        "一百",
        "0x10",
        "1_000",
    ],
)
def test_what_is_no_amount_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        money.parse(given, "CNY")


def test_yen_have_no_decimals() -> None:
    with pytest.raises(money.TooFine):
        money.parse("1.5", "JPY")
