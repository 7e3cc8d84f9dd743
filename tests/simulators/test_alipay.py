"""The stand-in against the public SDK, which knows nothing of our adapter: what it checks, and how it says no."""

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from alipay import AliPay, DCAliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from payments.gateways.standing_in import StandIn, ear, standing_in

Asking = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("alipay", tmp_path_factory.mktemp("alipay")) as running:
        yield running


@pytest.fixture
def sdk(provider: StandIn) -> AliPay:
    facts = provider.account
    made = AliPay(
        appid=facts["app_id"],
        app_private_key_string=facts["app_private_key"],
        alipay_public_key_string=facts["alipay_public_key"],
    )
    made._gateway = facts["address"]
    return made


@pytest.fixture
def certified(provider: StandIn) -> DCAliPay:
    facts = provider.control("certificate_account")
    made = DCAliPay(
        appid=facts["app_id"],
        app_private_key_string=facts["app_private_key"],
        app_public_key_cert_string=facts["app_certificate"],
        alipay_public_key_cert_string=facts["alipay_certificate"],
        alipay_root_cert_string=facts["alipay_root_certificate"],
    )
    made._gateway = facts["address"]
    return made


def scanned(sdk: AliPay, number: str, amount: str = "123.45", code: str = "") -> dict[str, Any]:
    code = code or f"28{uuid.uuid4().int % 10**16:016d}"
    told: dict[str, Any] = sdk.api_alipay_trade_pay(number, "bar_code", code, "储值", total_amount=amount)
    return told


def test_the_sdk_pays_asks_and_refunds(sdk: AliPay) -> None:
    paid = scanned(sdk, "sdk0001")
    refunded = sdk.api_alipay_trade_refund("23.45", out_trade_no="sdk0001", out_request_no="sdk0001r")

    assert (paid["code"], paid["total_amount"]) == ("10000", "123.45")
    assert (refunded["fund_change"], refunded["refund_fee"]) == ("Y", "23.45")
    assert sdk.api_alipay_trade_query("sdk0001")["trade_status"] == "TRADE_SUCCESS"
    asked = sdk.api_alipay_trade_fastpay_refund_query("sdk0001r", out_trade_no="sdk0001")
    assert (asked["refund_status"], asked["refund_amount"]) == ("REFUND_SUCCESS", "23.45")


@pytest.mark.filterwarnings("ignore:X509")
def test_the_sdk_works_in_certificate_mode(certified: DCAliPay) -> None:
    assert scanned(certified, "sdk0002")["code"] == "10000"


def test_the_sdk_opens_a_page_that_a_person_pays_on(sdk: AliPay, provider: StandIn) -> None:
    query = sdk.api_alipay_trade_page_pay("储值", "sdk0003", "88.00", return_url="https://shop.example/back")
    cashier = httpx.get(f"{provider.account['address']}?{query}").text
    action = cashier.partition('action="')[2].partition('"')[0]

    done = httpx.post(f"{provider.address}{action}").text

    assert "支付成功" in done
    back = done.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    told = dict(parse_qsl(back.partition("?")[2]))
    assert told["out_trade_no"] == "sdk0003"
    assert sdk.verify(told, told.pop("sign"))
    assert sdk.api_alipay_trade_query("sdk0003")["trade_status"] == "TRADE_SUCCESS"


def test_the_wallet_shows_a_code_and_what_waits(sdk: AliPay, provider: StandIn) -> None:
    shown = sdk.api_alipay_trade_precreate("咖啡", "sdk0004", "9.90")
    httpx.get(shown["qr_code"])

    wallet = httpx.get(provider.address).text

    assert "咖啡" in wallet
    code = wallet.partition('class="code">')[2].partition("<")[0]
    assert scanned(sdk, "sdk0005", code=code)["code"] == "10000"


def test_the_sdk_believes_a_notice_and_not_a_forged_one(sdk: AliPay, provider: StandIn) -> None:
    with ear() as hearing:
        hearing.answer = lambda _heard: (200, b"success")
        provider.control("next", faults=["forge_notice"])
        sdk._app_notify_url = hearing.address
        scanned(sdk, "sdk0006")
        forms = [dict(parse_qsl(heard.body.decode())) for heard in hearing.wait(2)]

    assert sorted(sdk.verify(form, form.pop("sign")) for form in forms) == [False, True]


def test_the_sdk_notices_a_forged_answer(sdk: AliPay, provider: StandIn) -> None:
    scanned(sdk, "sdk0007")
    provider.control("next", faults=["forge_answer"])

    with pytest.raises(AliPayValidationError):
        sdk.api_alipay_trade_query("sdk0007")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"app_id": "2021000100000009"}, "isv.invalid-app-id"),
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"sign": ""}, "isv.missing-sign"),
        ({"biz_content": '{"out_trade_no":"other"}'}, "isv.invalid-signature"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"charset": "latin-1"}, "isv.invalid-charset"),
        ({"timestamp": "now"}, "isv.invalid-timestamp"),
        ({"app_cert_sn": "0"}, "isv.invalid-app-cert-sn"),
        ({"method": ""}, "isv.missing-method"),
    ],
)
def test_the_gateway_checks_every_request(sdk: AliPay, provider: StandIn, changes: dict[str, str], why: str) -> None:
    asked = dict(parse_qsl(sdk.sign_data(sdk.build_body("alipay.trade.query", {"out_trade_no": "x"}))))

    answer = _asked(provider, urlencode(asked | changes))

    assert next(iter(answer.values()))["sub_code"] == why
    assert "sign" not in answer


def _asked(provider: StandIn, query: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{provider.account['address']}?{query}") as answer:  # noqa: S310 # our own
        return json.loads(answer.read())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"total_amount": "0.00"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "1.001"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "-1"}, "ACQ.INVALID_PARAMETER"),
        ({"total_amount": "100000000.01"}, "ACQ.INVALID_PARAMETER"),
        ({"out_trade_no": "no spaces"}, "ACQ.INVALID_PARAMETER"),
        ({"subject": "a=b"}, "ACQ.INVALID_PARAMETER"),
        ({"subject": ""}, "ACQ.INVALID_PARAMETER"),
        ({"product_code": "OTHER"}, "ACQ.INVALID_PARAMETER"),
        ({"time_expire": "2020-01-01 00:00:00"}, "ACQ.INVALID_PARAMETER"),
        ({"auth_code": "1"}, "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ({"agreement_params": {"agreement_no": "1"}}, "ACQ.AGREEMENT_NOT_EXIST"),
    ],
)
def test_an_order_that_cannot_be_is_refused(sdk: AliPay, provider: StandIn, content: dict[str, object], why: str) -> None:
    order = {
        "out_trade_no": "sdk0100",
        "total_amount": "1.00",
        "subject": "储值",
        "scene": "bar_code",
        "auth_code": "281234567890123000",
    }

    told = sdk.server_api("alipay.trade.pay", order | content)

    assert (told["code"], told["sub_code"]) == ("40004", why)
    assert "sdk0100" not in {each["number"] for each in provider.books()["payments"]}


def test_books_tell_every_payment_refund_and_fee(sdk: AliPay, provider: StandIn) -> None:
    scanned(sdk, "sdk0200", "1000.00")
    sdk.api_alipay_trade_refund("10.00", out_trade_no="sdk0200", out_request_no="sdk0200r")

    books = provider.books()

    payment = next(each for each in books["payments"] if each["number"] == "sdk0200")
    assert (payment["amount"], payment["refunded"], payment["fee"], payment["is_paid"]) == (100_000, 1_000, 600, True)
    assert {"number": "sdk0200r", "payment": "sdk0200", "amount": 1_000, "is_done": True} in books["refunds"]


def test_an_unknown_interface_needs_a_permission(sdk: AliPay) -> None:
    told = sdk.server_api("alipay.fund.trans.uni.transfer", {"out_biz_no": "1"})

    assert told["sub_code"] == "isv.insufficient-isv-permissions"


def test_keys_survive_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("alipay")
    told = []
    for _start in range(2):
        with standing_in("alipay", folder) as running:
            told.append({**running.account, **running.control("certificate_account"), "address": ""})
            told[-1].pop("alipay_root_certificate")  # a root that does not count is made anew

    assert told[0] == told[1]


def test_an_unsigned_refusal_is_what_the_sdk_calls_an_error(provider: StandIn, sdk: AliPay) -> None:
    sdk._appid = "2021000100000009"

    with pytest.raises(AliPayException, match="invalid-app-id"):
        sdk.api_alipay_trade_query("x")
