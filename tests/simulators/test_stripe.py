"""Stripe's own SDK against the stand-in: if the two understand each other, it stands in for the real one."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe as sdk
from payments.gateways.standing_in import Ear, StandIn, ear, standing_in


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("stripe", tmp_path_factory.mktemp("stripe")) as started:
        yield started


@pytest.fixture
def client(provider: StandIn) -> Iterator[sdk.StripeClient]:
    http = sdk.RequestsClient()
    yield sdk.StripeClient(
        provider.account["secret_key"], base_addresses={"api": provider.address}, max_network_retries=0, http_client=http
    )
    http.close()


@pytest.fixture
def notices(provider: StandIn) -> Iterator[Ear]:
    with ear() as listening:
        provider.control("endpoint", url=listening.address)
        yield listening
        provider.control("endpoint", url="")


def session(number: str, **other: Any) -> dict[str, Any]:
    product = {"currency": "cny", "unit_amount": 500_00, "product_data": {"name": "储值"}}
    usual = {
        "mode": "payment", "client_reference_id": number, "success_url": "https://shop.example/paid",
        "line_items": [{"quantity": 1, "price_data": product}], "payment_intent_data": {"metadata": {"number": number}},
    }  # fmt: skip
    return usual | other


def charge(client: sdk.StripeClient, card: str = "pm_card_visa", **other: Any) -> sdk.PaymentIntent:
    facts = {"amount": 100_00, "currency": "cny", "payment_method": card, "confirm": True, "off_session": True} | other
    return client.v1.payment_intents.create(facts)


def test_a_session_is_made_paid_and_read(client: sdk.StripeClient, provider: StandIn) -> None:
    made = client.v1.checkout.sessions.create(session("S1"))

    provider.control("pay", number="S1")

    read = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]})
    assert (read.status, read.payment_status, read.amount_total) == ("complete", "paid", 500_00)
    assert isinstance(read.payment_intent, sdk.PaymentIntent)
    assert isinstance(read.payment_intent.latest_charge, sdk.Charge)
    assert isinstance(read.payment_intent.latest_charge.balance_transaction, sdk.BalanceTransaction)
    assert read.payment_intent.latest_charge.balance_transaction.net == 500_00 - 14_80


def test_its_events_bear_the_signature_that_the_sdk_computes(client: sdk.StripeClient, provider: StandIn, notices: Ear) -> None:
    charge(client)

    for heard in notices.wait(3):
        event = sdk.Webhook.construct_event(heard.body, heard.headers["stripe-signature"], provider.account["webhook_secret"])
        assert event.id.startswith("evt_")
        with pytest.raises(sdk.SignatureVerificationError):
            sdk.Webhook.construct_event(
                heard.body + b" ", heard.headers["stripe-signature"], provider.account["webhook_secret"]
            )


def test_a_declined_card_is_a_card_error_with_its_intent(client: sdk.StripeClient) -> None:
    with pytest.raises(sdk.CardError) as declined:
        charge(client, "pm_card_chargeDeclinedInsufficientFunds")

    error = declined.value.error
    assert error is not None
    assert (declined.value.http_status, error.code, error.decline_code) == (402, "card_declined", "insufficient_funds")
    assert error.payment_intent.status == "requires_payment_method"


def test_a_charge_that_wants_its_payer_is_refused_off_session(client: sdk.StripeClient) -> None:
    with pytest.raises(sdk.CardError) as declined:
        charge(client, "pm_card_authenticationRequired")

    assert declined.value.code == "authentication_required"


def test_one_key_is_one_request(client: sdk.StripeClient) -> None:
    facts = {"amount": 100_00, "currency": "cny", "payment_method": "pm_card_visa", "confirm": True}
    first = client.v1.payment_intents.create(facts, {"idempotency_key": "K1"})
    again = client.v1.payment_intents.create(facts, {"idempotency_key": "K1"})

    with pytest.raises(sdk.IdempotencyError):
        client.v1.payment_intents.create(facts | {"amount": 200_00}, {"idempotency_key": "K1"})

    assert first.id == again.id


def test_a_key_is_forgotten_after_a_day(client: sdk.StripeClient, provider: StandIn) -> None:
    facts = {"amount": 100_00, "currency": "cny", "payment_method": "pm_card_visa", "confirm": True}
    first = client.v1.payment_intents.create(facts, {"idempotency_key": "K2"})

    provider.control("clock", ahead_seconds=25 * 3600)
    later = client.v1.payment_intents.create(facts, {"idempotency_key": "K2"})
    provider.control("clock", ahead_seconds=0)

    assert later.id != first.id


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": 1}, None),
        ({"currency": "usd", "amount": 49}, "amount_too_small"),
        ({"currency": "kwd", "amount": 5_124}, "invalid_charge_amount"),
        ({"amount": 100_000_000}, "amount_too_large"),
        ({"amount": -5}, "parameter_invalid_integer"),
        ({"colour": "red"}, "parameter_unknown"),
        ({"currency": ""}, "parameter_missing"),
        ({"payment_method": "pm_nobody"}, "resource_missing"),
        ({"metadata": {"x" * 41: "1"}}, ""),
    ],
)
def test_what_the_real_one_checks_is_checked(client: sdk.StripeClient, wrong: dict[str, Any], code: str | None) -> None:
    if code is None:
        assert charge(client, **wrong).amount_received == 1
        return

    with pytest.raises(sdk.InvalidRequestError) as refused:
        charge(client, **wrong)

    assert refused.value.code == (code or None)


def test_a_session_ends_between_half_an_hour_and_a_day(client: sdk.StripeClient, provider: StandIn) -> None:
    for expires_at in (1, 9_999_999_999):
        with pytest.raises(sdk.InvalidRequestError):
            client.v1.checkout.sessions.create(session("S2", expires_at=expires_at))


def test_somebody_elses_key_opens_nothing(provider: StandIn) -> None:
    http = sdk.RequestsClient()
    stranger = sdk.StripeClient("sk_test_stranger", base_addresses={"api": provider.address}, http_client=http)

    with pytest.raises(sdk.AuthenticationError):
        stranger.v1.payment_intents.list()
    http.close()


def test_refunds_are_counted_and_found(client: sdk.StripeClient) -> None:
    intent = charge(client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 60_00})

    with pytest.raises(sdk.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 40_01})
    client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(sdk.InvalidRequestError) as again:
        client.v1.refunds.create({"payment_intent": intent.id})

    assert again.value.code == "charge_already_refunded"
    assert [each.amount for each in client.v1.refunds.list({"payment_intent": intent.id}).data] == [40_00, 60_00]


def test_the_sdk_walks_through_all_pages_of_the_balance(client: sdk.StripeClient) -> None:
    made = [charge(client).latest_charge for _count in range(23)]

    movements = client.v1.balance_transactions.list({"limit": 10, "expand": ["data.source"]})

    sources = [each.source.id for each in movements.auto_paging_iter() if isinstance(each.source, sdk.Charge)]
    assert set(made) <= set(sources)
    assert len(sources) == len(set(sources))


def test_its_search_is_behind(client: sdk.StripeClient, provider: StandIn) -> None:
    made = charge(client, metadata={"number": "SEARCHED1"})
    wanted = {"query": "metadata['number']:'SEARCHED1'"}

    young = client.v1.payment_intents.search(wanted).data
    provider.control("clock", ahead_seconds=120)
    old = client.v1.payment_intents.search(wanted).data
    provider.control("clock", ahead_seconds=0)

    assert young == []
    assert [each.id for each in old] == [made.id]


def test_a_dispute_takes_the_money_and_a_fee_and_gives_both_back_when_it_is_won(
    client: sdk.StripeClient, provider: StandIn
) -> None:
    charge(client, metadata={"number": "D1"})
    made = provider.control("dispute", number="D1")
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": made["charge"]})

    provider.control("close_dispute", dispute=made["id"], status="won")

    moved = [each for each in client.v1.balance_transactions.list({"limit": 100}).data if each.source == made["id"]]
    assert refused.value.code == "charge_disputed"
    assert sorted(each.net for each in moved) == [-115_00, 115_00]
    assert client.v1.disputes.retrieve(made["id"]).status == "won"


def test_a_person_pays_on_its_pages(client: sdk.StripeClient) -> None:
    made = client.v1.checkout.sessions.create(session("S3"))
    assert made.url
    with httpx.Client(trust_env=False) as browser:
        shown = browser.get(made.url)
        declined = browser.post(made.url, data={"card": "chargeDeclinedStolenCard"})
        bank = browser.post(made.url, data={"card": "authenticationRequired"})
        asked = browser.get(bank.headers["location"])
        back = browser.post(bank.headers["location"], data={"agrees": "yes"})
        after = browser.get(made.url)

    assert "500.00 CNY" in shown.text
    assert (declined.status_code, "stolen_card" in declined.text) == (402, True)
    assert "银行验证" in asked.text
    assert (back.status_code, back.headers["location"]) == (303, "https://shop.example/paid")
    assert "已完成" in after.text
    assert client.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"


def test_its_books_say_what_it_believes(client: sdk.StripeClient, provider: StandIn) -> None:
    intent = charge(client, metadata={"number": "B1"})
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_00, "metadata": {"number": "R1", "payment": "B1"}})

    books = provider.books()

    (paid,) = [each for each in books["payments"] if each["number"] == "B1"]
    (back,) = [each for each in books["refunds"] if each["number"] == "R1"]
    assert (paid["amount"], paid["refunded"], paid["fee"]) == (100_00, 1_00, 3_20)
    assert (back["payment"], back["amount"], back["state"]) == ("B1", 1_00, "succeeded")
    assert books["balance"]["net"] == books["balance"]["amount"] - books["balance"]["fee"]


def test_it_is_the_same_merchant_after_a_restart(tmp_path: Any) -> None:
    with standing_in("stripe", tmp_path) as first:
        before = first.account
    with standing_in("stripe", tmp_path) as second:
        after = second.account

    assert {**before, "address": ""} == {**after, "address": ""}
    assert json.loads((tmp_path / "keys.json").read_text())["secret_key"] == after["secret_key"]
