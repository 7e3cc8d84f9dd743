"""Signatures of notices, and a merchant's account."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.utils import translation
from payments.gateways.btcpay.merchant import asked, read
from payments.gateways.standing_in import Ear, StandIn

from chuzhi.payments.gateways.btcpay import risk
from chuzhi.payments.gateways.btcpay.account import FIELDS, parse
from chuzhi.payments.gateways.btcpay.gateway import BTCPayGateway, build
from chuzhi.payments.gateways.contract import ConfigurationError, ForgedError, NotSentError, State, Told


def signed(body: bytes, secret: str) -> dict[str, str]:
    return {"btcpay-sig": "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()}


def notice(account: dict[str, str], **other: object) -> bytes:
    told = {"deliveryId": "d1", "type": "InvoiceSettled", "storeId": account["store"], "invoiceId": "nobody", "timestamp": 1}
    return json.dumps(told | other).encode()


def test_a_redelivery_is_the_same_event(gateway: BTCPayGateway, provider: StandIn, notices: Ear) -> None:
    notices.answer = lambda heard: (200 if b'"isRedelivery": true' in heard.body else 500, b"")
    wanted = asked()
    gateway.start(wanted)

    first, again = notices.wait(2)[:2]

    assert first.body != again.body
    assert len({gateway.read(each.headers, each.body, now=datetime.now(UTC)).event for each in (first, again)}) == 1


def test_an_old_notice_that_comes_again_tells_what_is_true_now(gateway: BTCPayGateway, provider: StandIn, notices: Ear) -> None:
    wanted = asked()
    gateway.start(wanted)
    created = read(gateway, notices, "InvoiceCreated", wanted.number)
    provider.control("pay", number=wanted.number)

    again = read(gateway, notices, "InvoiceCreated", wanted.number)

    assert isinstance(created.content, Told)
    assert isinstance(again.content, Told)
    assert (created.content.state, again.content.state) == (State.WAITING, State.PAID)


def test_a_forged_notice_is_refused(gateway: BTCPayGateway, provider: StandIn, notices: Ear) -> None:
    provider.control("faults", forge_notice=1.0)
    gateway.start(asked())

    refused = 0
    for heard in notices.wait(2):
        try:
            gateway.read(heard.headers, heard.body, now=datetime.now(UTC))
        except ForgedError:
            refused += 1

    assert refused == 1


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=00", "sha1=00", "sha256=ü", "garbage"])
def test_what_is_no_signature_is_refused(gateway: BTCPayGateway, header: str) -> None:
    with pytest.raises(ForgedError):
        gateway.read({"btcpay-sig": header}, b"{}", now=datetime.now(UTC))


def test_a_changed_notice_is_refused(gateway: BTCPayGateway, provider: StandIn) -> None:
    body = notice(provider.account)

    with pytest.raises(ForgedError):
        gateway.read(signed(body, provider.account["webhook_secret"]), body + b" ", now=datetime.now(UTC))


def test_a_notice_of_another_store_is_refused(gateway: BTCPayGateway, provider: StandIn) -> None:
    body = notice(provider.account, storeId="another")

    with pytest.raises(ForgedError):
        gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))


def test_a_notice_about_an_invoice_that_does_not_exist_tells_nothing(gateway: BTCPayGateway, provider: StandIn) -> None:
    body = notice(provider.account)

    heard = gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))

    assert (heard.event, heard.content) == ("d1", None)


def test_a_notice_that_cannot_be_checked_is_not_swallowed(provider: StandIn) -> None:
    gateway = build(parse(provider.account | {"address": "http://127.0.0.1:9"}))
    body = notice(provider.account)

    with pytest.raises(NotSentError):
        gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))


def test_while_the_secret_is_changed_both_are_good(provider: StandIn) -> None:
    old, new = provider.account["webhook_secret"], "another-secret"
    gateway = build(parse(provider.account | {"webhook_secret": new, "webhook_secret_before": old}))
    body = notice(provider.account)

    for secret in (old, new):
        assert gateway.read(signed(body, secret), body, now=datetime.now(UTC)).event == "d1"
    gateway.disconnect()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("risk_accepted", ""),
        ("risk_accepted", "perhaps"),
        ("address", ""),
        ("address", "http://pay.example"),
        ("store", "a/b"),
        ("api_key", ""),
        ("webhook_secret", "short"),
        ("payout_method", "BTC CHAIN"),
    ],
)
def test_an_account_that_cannot_be_right_is_refused_by_its_field(provider: StandIn, field: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(provider.account | {field: value})

    assert refused.value.field == field


def test_the_risks_are_shown_to_whoever_switches_it_on_in_both_languages() -> None:
    (shown,) = [field for field in FIELDS if field.name == "risk_accepted"]

    for language, word in (("en", "cannot be called back"), ("zh-hans", "无法撤回")):
        with translation.override(language):
            assert word in str(shown.help)
            assert all(str(sentence) in str(shown.help) for sentence in risk.TEXT)


def test_secrets_are_not_shown(provider: StandIn) -> None:
    account = parse(provider.account)

    assert account.api_key not in repr(account)
    assert account.webhook_secrets[0] not in repr(account)
