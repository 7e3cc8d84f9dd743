"""What an invoice means, by a table of what can be."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chuzhi.payments.gateways.btcpay import meaning
from chuzhi.payments.gateways.contract import State

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = 3600


def invoice(status: str, *, watched_for: int = HOUR) -> dict[str, Any]:
    return {
        "id": "i", "storeId": "s", "amount": "100.00", "currency": "CNY", "status": status, "additionalStatus": "None",
        "metadata": {"orderId": "P1"}, "monitoringExpiration": int(NOW.timestamp()) + watched_for,
    }  # fmt: skip


def methods(*coins: tuple[str, str], rate: str = "300000", amount: str = "0.00033334") -> list[dict[str, Any]]:
    received = int(NOW.timestamp())
    payments = [{"value": value, "status": status, "receivedDate": received} for value, status in coins]
    return [{"rate": rate, "amount": amount, "payments": payments}]


@pytest.mark.parametrize(
    ("status", "coins", "state", "amount"),
    [
        ("New", [], State.WAITING, 100_00),
        ("New", [("0.0001", "Settled")], State.WAITING, 100_00),
        ("Processing", [("0.00033334", "Processing")], State.WAITING, 100_00),
        ("Settled", [("0.00033334", "Settled")], State.PAID, 100_00),
        ("Settled", [("0.0005", "Settled")], State.PAID, 100_00),
        ("Settled", [], State.PAID, 100_00),  # by hand
        ("Expired", [], State.CLOSED, 100_00),
        ("Expired", [("0.0001", "Settled")], State.PAID, 30_00),
        ("Expired", [("0.00011111", "Settled")], State.PAID, 33_33),
        ("Expired", [("0.00033334", "Settled")], State.PAID, 100_00),
        ("Expired", [("0.0001", "Settled"), ("0.00023334", "Settled")], State.PAID, 100_00),
        ("Expired", [("0.00033334", "Processing")], State.WAITING, 100_00),
        ("Expired", [("0.00033334", "Invalid")], State.CLOSED, 100_00),
        ("Invalid", [("0.00033334", "Settled")], State.PAID, 100_00),
    ],
)
def test_an_invoice_means(status: str, coins: list[tuple[str, str]], state: State, amount: int) -> None:
    told = meaning.of_invoice(invoice(status), methods(*coins), now=NOW)

    assert (told.number, told.state, told.amount) == ("P1", state, amount)


def test_what_never_confirms_is_given_up_when_nobody_watches_it_any_more() -> None:
    told = meaning.of_invoice(invoice("Expired", watched_for=-1), methods(("0.00033334", "Processing")), now=NOW)

    assert told.state is State.CLOSED


def test_coins_by_two_ways_are_counted_together() -> None:
    two = methods(("0.0002", "Settled")) + methods(("0.00014", "Settled"))

    assert meaning.settled(invoice("Expired"), two) == 102_00
