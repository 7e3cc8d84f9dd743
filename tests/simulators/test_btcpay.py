"""The stand-in for a BTCPay server, called as its own documents say."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from payments.gateways.standing_in import StandIn, ear, standing_in


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("btcpay", tmp_path_factory.mktemp("btcpay")) as started:
        yield started


@pytest.fixture
def store(provider: StandIn) -> Iterator[httpx.Client]:
    account = provider.account
    with httpx.Client(
        base_url=f"{provider.address}/api/v1/stores/{account['store']}/",
        headers={"Authorization": f"token {account['api_key']}"},
        trust_env=False,
    ) as client:
        yield client


def invoice(store: httpx.Client, number: str, **other: Any) -> dict[str, Any]:
    facts = {"amount": "500.00", "currency": "CNY", "metadata": {"orderId": number}} | other
    made: dict[str, Any] = store.post("invoices", json=facts).raise_for_status().json()
    return made


def status(store: httpx.Client, made: dict[str, Any]) -> tuple[str, str]:
    read = store.get(f"invoices/{made['id']}").json()
    return read["status"], read["additionalStatus"]


@pytest.mark.parametrize(
    ("share", "seen", "confirmed"),
    [
        (1, ("Processing", "None"), ("Settled", "None")),
        (1.5, ("Processing", "PaidOver"), ("Settled", "PaidOver")),
        (0.5, ("New", "PaidPartial"), ("New", "PaidPartial")),
    ],
)
def test_an_invoice_goes_the_way_of_its_coins(
    provider: StandIn, store: httpx.Client, share: float, seen: tuple[str, str], confirmed: tuple[str, str]
) -> None:
    made = invoice(store, f"W{share}")
    provider.control("pay", id=made["id"], share=share, confirm=False)
    before = status(store, made)

    provider.control("confirm", id=made["id"])

    assert (before, status(store, made)) == (seen, confirmed)


def test_late_coins_leave_an_invoice_expired_and_are_watched_for_a_day(provider: StandIn, store: httpx.Client) -> None:
    late, too_late = invoice(store, "L1"), invoice(store, "L2")
    provider.control("clock", ahead_seconds=3600)
    provider.control("pay", id=late["id"])
    provider.control("clock", ahead_seconds=26 * 3600)
    provider.control("pay", id=too_late["id"])
    provider.control("clock", ahead_seconds=0)

    assert status(store, late) == ("Expired", "PaidLate")
    assert status(store, too_late) == ("Expired", "None")


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "-1"}, {"amount": "NaN"}, {"amount": "much"}, {"currency": "ZZZ"}, {"checkout": {"expirationMinutes": 0}}],
)
def test_what_cannot_be_is_refused_with_its_path(store: httpx.Client, wrong: dict[str, Any]) -> None:
    refused = store.post("invoices", json={"amount": "1.00", "currency": "CNY"} | wrong)

    assert refused.status_code == 422
    assert set(refused.json()[0]) == {"path", "message"}


def test_keys_and_stores_are_checked(provider: StandIn, store: httpx.Client) -> None:
    assert store.get("invoices", headers={"Authorization": "token stranger"}).status_code == 401
    assert store.get(f"{provider.address}/api/v1/stores/another/invoices").status_code == 403
    assert store.get("invoices/nobody").json()["code"] == "invoice-not-found"


def test_an_invoice_is_marked_invalid_once(store: httpx.Client) -> None:
    made = invoice(store, "M1")

    first, second = (store.post(f"invoices/{made['id']}/status", json={"status": "Invalid"}) for _count in range(2))

    assert (first.json()["status"], second.status_code) == ("Invalid", 422)


def test_a_refund_is_claimed_by_its_payer_and_never_beyond_it(provider: StandIn, store: httpx.Client) -> None:
    made = invoice(store, "R1")
    wanted = {
        "name": "back", "payoutMethodId": "BTC-CHAIN", "refundVariant": "Custom", "customAmount": "60.00", "customCurrency": "CNY",
    }  # fmt: skip
    unpaid = store.post(f"invoices/{made['id']}/refund", json=wanted)
    provider.control("pay", id=made["id"])
    pull = store.post(f"invoices/{made['id']}/refund", json=wanted).json()

    provider.control("claim", number="back", amount="50.00")
    beyond = httpx.post(f"{provider.address}/_control/claim", json={"number": "back", "amount": "10.01"})

    payouts = httpx.get(f"{provider.address}/api/v1/pull-payments/{pull['id']}/payouts").json()
    assert (unpaid.status_code, beyond.status_code) == (400, 400)
    assert [(each["originalAmount"], each["state"]) for each in payouts] == [("50.00", "Completed")]


def test_its_notices_name_the_invoice_and_are_sent_until_they_are_heard(provider: StandIn, store: httpx.Client) -> None:
    with ear() as listening:
        listening.answer = lambda heard: (200 if b"InvoiceSettled" in heard.body else 500, b"")
        provider.control("endpoint", url=listening.address)
        made = invoice(store, "N1")
        provider.control("pay", id=made["id"])
        heard = [each.body.decode() for each in listening.wait(6)]
        provider.control("endpoint", url="")

    kinds = {
        kind
        for kind in ("Created", "ReceivedPayment", "Processing", "PaymentSettled", "Settled")
        if f"Invoice{kind}" in str(heard)
    }
    assert kinds == {"Created", "ReceivedPayment", "Processing", "PaymentSettled", "Settled"}
    assert all(made["id"] in each for each in heard)
    assert sum('"isRedelivery": true' in each for each in heard) >= 1


def test_a_person_pays_and_claims_on_its_pages(provider: StandIn, store: httpx.Client) -> None:
    made = invoice(store, "P1", checkout={"redirectURL": "https://shop.example/paid"})
    shown = httpx.get(made["checkoutLink"])
    seen = httpx.post(made["checkoutLink"], data={"share": "1"})
    settled = httpx.post(made["checkoutLink"], data={"act": "confirm"})
    wanted = {"name": "P1R", "payoutMethodId": "BTC-CHAIN", "refundVariant": "Fiat"}
    pull = store.post(f"invoices/{made['id']}/refund", json=wanted).json()
    claimed = httpx.post(pull["viewLink"], data={"destination": "bcrt1qpayer"})

    assert "500.00 CNY" in shown.text
    assert "等待确认" in seen.text
    assert "已到账" in settled.text
    assert "Completed" in claimed.text


def test_its_books_say_what_it_believes(provider: StandIn, store: httpx.Client) -> None:
    made = invoice(store, "B1")
    provider.control("pay", id=made["id"])

    (booked,) = [each for each in provider.books()["payments"] if each["number"] == "B1"]

    assert (booked["state"], booked["amount"]) == ("Settled", "500.00")
