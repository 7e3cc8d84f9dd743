"""The stand-in is believed by the public SDK, and refuses what the provider refuses."""

import base64
import gzip
import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from payments.gateways.standing_in import Ear, StandIn, ear, standing_in
from wechatpayv3 import WeChatPay, WeChatPayType

BEIJING = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def listening() -> Iterator[Ear]:
    with ear() as opened:
        opened.answer = lambda _heard: (200, b"<xml><return_code>SUCCESS</return_code></xml>")
        yield opened


def sdk(provider: StandIn) -> WeChatPay:
    """The public SDK as the merchant. It begins in public-key mode, so that it asks nobody before its address is set."""
    public = provider.control("signer", public_key=False)
    given = provider.account
    merchant = WeChatPay(
        WeChatPayType.NATIVE, given["merchant"], given["private_key"], given["certificate_serial"], given["app"], given["v3_key"],
        notify_url="https://shop.example/notice", **public,
    )  # fmt: skip
    merchant._core._gate_way = provider.address
    return merchant


def with_certificates(merchant: WeChatPay) -> WeChatPay:
    merchant._core._public_key = merchant._core._public_key_id = None
    merchant._core._update_certificates()
    return merchant


@pytest.fixture
def merchant(provider: StandIn) -> WeChatPay:
    return sdk(provider)


def fresh() -> str:
    return f"P{uuid.uuid4().hex[:20]}"


def signed(provider: StandIn, method: str, target: str, body: bytes = b"", **changes: str) -> httpx.Response:
    """A request by hand, so that any part of its signature can be wrong."""
    given = provider.account
    key = load_pem_private_key(given["private_key"].encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    facts = {"mchid": given["merchant"], "nonce_str": uuid.uuid4().hex, "timestamp": str(int(time.time()))}
    facts |= {"serial_no": given["certificate_serial"]} | changes
    text = f"{method}\n{target}\n{facts['timestamp']}\n{facts['nonce_str']}\n".encode() + body + b"\n"
    facts |= {"signature": changes.get("signature") or base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()}
    header = "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in facts.items())
    return httpx.request(method, provider.address + target, content=body, headers={"authorization": header})


def order(provider: StandIn, **changes: Any) -> bytes:
    content = {
        "appid": provider.account["app"],
        "mchid": provider.account["merchant"],
        "description": "储值",
        "out_trade_no": fresh(),
        "notify_url": "https://shop.example/notice",
        "amount": {"total": 100, "currency": "CNY"},
    }
    return json.dumps({name: value for name, value in (content | changes).items() if value is not None}).encode()


# ---- the SDK as a client


def test_the_sdk_sells_asks_and_refunds(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()

    placed = merchant.pay("储值", number, {"total": 5000})
    provider.control("pay", number=number)
    asked = merchant.query(out_trade_no=number)
    refund = merchant.refund(
        out_refund_no=f"R{number}", amount={"refund": 2000, "total": 5000, "currency": "CNY"}, out_trade_no=number
    )
    refunded = merchant.query_refund(f"R{number}")

    assert placed[0] == 200
    assert json.loads(placed[1])["code_url"].startswith("weixin://")
    assert json.loads(asked[1])["trade_state"] == "SUCCESS"
    assert json.loads(refund[1])["status"] == "PROCESSING"
    assert json.loads(refunded[1])["status"] == "SUCCESS"


def test_the_sdk_is_paid_by_a_code_and_reverses(provider: StandIn, merchant: WeChatPay) -> None:
    number, code = fresh(), f"13{time.time_ns():020d}"[:18]

    status, said = merchant.pay(
        "储值", number, {"total": 5000}, payer={"auth_code": code}, scene_info={"store_info": {"out_id": "S1"}},
        pay_type=WeChatPayType.CODEPAY,
    )  # fmt: skip
    reversed_, _ = merchant.codepay_reverse(number)

    assert (status, json.loads(said)["trade_state"]) == (200, "SUCCESS")
    assert reversed_ == 200
    assert json.loads(merchant.query(out_trade_no=number)[1])["trade_state"] == "REVOKED"


def test_the_sdk_closes(merchant: WeChatPay) -> None:
    number = fresh()
    merchant.pay("储值", number, {"total": 5000})

    assert merchant.close(number)[0] == 204
    assert json.loads(merchant.query(out_trade_no=number)[1])["trade_state"] == "CLOSED"


def test_the_sdk_opens_our_certificates_and_believes_answers(provider: StandIn, merchant: WeChatPay) -> None:
    with_certificates(merchant)

    status, said = merchant.pay("储值", fresh(), {"total": 5000})

    assert status == 200
    assert "code_url" in said


def test_the_sdk_reads_a_notice_before_and_after_a_rotation(provider: StandIn, merchant: WeChatPay, listening: Ear) -> None:
    with_certificates(merchant)
    read = []

    for count in (1, 2):
        number = fresh()
        merchant.pay("储值", number, {"total": 5000}, notify_url=f"{listening.address}/notice")
        provider.control("pay", number=number)
        heard = listening.wait(count)[-1]
        read.append((number, merchant.callback(heard.headers, heard.body)))
        provider.control("rotate")

    for number, notice in read:
        assert notice["event_type"] == "TRANSACTION.SUCCESS"
        assert notice["resource"]["out_trade_no"] == number


def test_the_sdk_reads_a_notice_signed_by_the_public_key(provider: StandIn, merchant: WeChatPay, listening: Ear) -> None:
    number = fresh()
    provider.control("signer", public_key=True)

    try:
        merchant.pay("储值", number, {"total": 5000}, notify_url=f"{listening.address}/notice")
        provider.control("pay", number=number)
        heard = listening.wait()[0]
    finally:
        provider.control("signer", public_key=False)

    assert heard.headers["wechatpay-serial"].startswith("PUB_KEY_ID_")
    assert merchant.callback(heard.headers, heard.body)["resource"]["out_trade_no"] == number


def test_the_sdk_refuses_our_probe(provider: StandIn, merchant: WeChatPay, listening: Ear) -> None:
    number = fresh()
    with_certificates(merchant)
    merchant.pay("储值", number, {"total": 5000}, notify_url=f"{listening.address}/notice")
    provider.control("next", faults=["forge_notice"])
    provider.control("pay", number=number)

    probe = next(each for each in listening.wait(2) if "SIGNTEST" in each.headers["wechatpay-signature"])

    assert merchant.callback(probe.headers, probe.body) is None


# ---- what it refuses


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "bm90IGEgc2lnbmF0dXJl"},
        {"mchid": "1900000000"},
        {"serial_no": "00"},
        {"timestamp": str(int(time.time()) - 600)},
    ],
)
def test_a_request_that_is_not_the_merchant_s_is_401(provider: StandIn, wrong: dict[str, str]) -> None:
    answer = signed(provider, "POST", "/v3/pay/transactions/native", order(provider), **wrong)

    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


def test_a_signature_is_for_one_body_only(provider: StandIn) -> None:
    body = order(provider)
    answer = signed(provider, "POST", "/v3/pay/transactions/native", body)
    header = answer.request.headers["authorization"]

    other = httpx.post(
        f"{provider.address}/v3/pay/transactions/native", content=order(provider), headers={"authorization": header}
    )

    assert answer.status_code == 200
    assert other.status_code == 401


@pytest.mark.parametrize(
    ("scene", "changes", "code"),
    [
        ("native", {"appid": "wxother"}, "APPID_MCHID_NOT_MATCH"),
        ("native", {"mchid": "1900000000"}, "APPID_MCHID_NOT_MATCH"),
        ("native", {"amount": {"total": 0}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": 1.5}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": 100, "currency": "USD"}}, "PARAM_ERROR"),
        ("native", {"out_trade_no": "short"}, "PARAM_ERROR"),
        ("native", {"description": "长" * 43}, "PARAM_ERROR"),
        ("native", {"notify_url": "http://shop.example/notice"}, "PARAM_ERROR"),
        ("native", {"notify_url": "https://shop.example/notice?order=1"}, "PARAM_ERROR"),
        ("native", {"time_expire": "2020-01-01T00:00:00+08:00"}, "PARAM_ERROR"),
        ("native", {"time_expire": "tomorrow"}, "PARAM_ERROR"),
        ("jsapi", {}, "PARAM_ERROR"),
        ("h5", {"scene_info": {"payer_client_ip": "here", "h5_info": {"type": "Wap"}}}, "PARAM_ERROR"),
        ("h5", {"scene_info": {"payer_client_ip": "203.0.113.7"}}, "PARAM_ERROR"),
        ("codepay", {"payer": {"auth_code": "990000000000000000"}}, "PARAM_ERROR"),
    ],
)
def test_an_order_that_cannot_be_is_refused(provider: StandIn, scene: str, changes: dict[str, Any], code: str) -> None:
    answer = signed(provider, "POST", f"/v3/pay/transactions/{scene}", order(provider, **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_number_is_asked_for_again_with_the_same_content_only(provider: StandIn) -> None:
    body = order(provider)
    other = json.dumps({**json.loads(body), "amount": {"total": 200, "currency": "CNY"}}).encode()

    answers = [signed(provider, "POST", "/v3/pay/transactions/native", each) for each in (body, body, other)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[0].json() == answers[1].json()


def test_a_paid_order_is_not_paid_again_nor_closed(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()
    merchant.pay("储值", number, {"total": 5000})
    provider.control("pay", number=number)

    again = httpx.post(f"{provider.address}/_control/pay", json={"number": number})

    assert again.status_code == 409
    assert merchant.close(number)[0] == 400


def test_refunds_keep_to_the_order(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()
    merchant.pay("储值", number, {"total": 5000})
    provider.control("pay", number=number)

    def refund(name: str, amount: int, total: int = 5000) -> int:
        return merchant.refund(name, {"refund": amount, "total": total, "currency": "CNY"}, out_trade_no=number)[0]

    assert [refund("Ra", 3000), refund("Ra", 3000), refund("Ra", 1000), refund("Rb", 3000), refund("Rc", 1000, 9000)] == [
        200, 200, 400, 400, 400,
    ]  # fmt: skip


def test_the_merchant_stays_the_same_from_one_start_to_the_next(tmp_path: Path) -> None:
    with standing_in("wechat", tmp_path) as first:
        before = first.account
    with standing_in("wechat", tmp_path) as second:
        after = second.account

    assert {**before, "address": ""} == {**after, "address": ""}


def test_the_books_show_each_payment_and_what_it_cost(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()
    merchant.pay("储值", number, {"total": 5000})
    provider.control("pay", number=number)

    kept = next(each for each in provider.books()["orders"] if each["number"] == number)

    assert (kept["state"], kept["amount"], kept["fee"]) == ("SUCCESS", 5000, 30)
    assert datetime.now(UTC) - datetime.fromisoformat(kept["paid_at"]) < timedelta(minutes=1)


# ---- the payer's pages


def test_somebody_pays_on_the_page_and_is_sent_back(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()
    _, said = merchant.pay(
        "储值<b>", number, {"total": 5000}, scene_info={"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}},
        pay_type=WeChatPayType.H5,
    )  # fmt: skip
    url = json.loads(said)["h5_url"]

    page = httpx.get(url, params={**parse_qs(urlsplit(url).query), "redirect_url": "https://shop.example/back"})
    prepay_id = parse_qs(urlsplit(url).query)["prepay_id"][0]
    paid = httpx.post(f"{provider.address}/pay/{prepay_id}", data={"redirect_url": "https://shop.example/back"})
    again = httpx.post(f"{provider.address}/pay/{prepay_id}")

    assert "¥50.00" in page.text
    assert "储值&lt;b&gt;" in page.text
    assert (paid.status_code, paid.headers["location"]) == (303, "https://shop.example/back")
    assert again.status_code == 409
    assert json.loads(merchant.query(out_trade_no=number)[1])["trade_state"] == "SUCCESS"


def test_the_telephone_lists_what_waits_to_be_paid_and_shows_a_code(provider: StandIn, merchant: WeChatPay) -> None:
    number = fresh()
    merchant.pay("储值", number, {"total": 5000})

    before = httpx.get(f"{provider.address}/").text
    provider.control("pay", number=number)
    after = httpx.get(f"{provider.address}/").text

    assert number in before
    assert number not in after
    assert re.search(r'class="code"><span>1[0-5]\d\d</span><span>\d{4}</span><span>\d{4}</span><span>\d{6}</span>', before)


def test_somebody_agrees_to_be_charged_on_the_page_and_ends_it(provider: StandIn, listening: Ear) -> None:
    given = provider.account
    facts = {
        "appid": given["app"], "mch_id": given["merchant"], "plan_id": given["plan"], "contract_code": fresh(),
        "request_serial": str(time.time_ns()), "contract_display_account": "王小明", "notify_url": f"{listening.address}/notice",
        "version": "1.0", "timestamp": str(int(time.time())),
    }  # fmt: skip
    signed_facts = facts | {"sign": md5_signature(facts, given["v2_key"])}

    page = httpx.get(f"{provider.address}/papay/entrustweb", params=signed_facts)
    forged = httpx.get(f"{provider.address}/papay/entrustweb", params=signed_facts | {"contract_display_account": "李四"})
    agreed = httpx.post(f"{provider.address}/papay/entrustweb", data=signed_facts)
    again = httpx.post(f"{provider.address}/papay/entrustweb", data=signed_facts)
    contract = provider.books()["contracts"][-1]
    ended = httpx.post(f"{provider.address}/contracts/{contract['contract_id']}/end")

    assert "王小明" in page.text
    assert [each.status_code for each in (page, forged, agreed, again, ended)] == [200, 400, 200, 400, 303]
    assert [b"ADD" in each.body for each in listening.wait(2)] == [True, False]
    assert provider.books()["contracts"][-1]["is_signed"] is False


def md5_signature(facts: dict[str, str], key: str) -> str:
    text = "&".join(f"{name}={facts[name]}" for name in sorted(facts)) + f"&key={key}"
    return hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324 # the protocol's


# ---- the bill


def test_the_sdk_fetches_a_bill_whose_hash_is_right(tmp_path: Path) -> None:
    with standing_in("wechat", tmp_path) as provider:
        merchant = sdk(provider)
        number = fresh()
        merchant.pay("储值", number, {"total": 5000})
        provider.control("pay", number=number)
        provider.control("clock", ahead_seconds=24 * 3600)

        status, said = merchant.trade_bill(datetime.now(BEIJING).date().isoformat())
        facts = json.loads(said)
        content = gzip.decompress(merchant.download_bill(facts["download_url"])[1])
        unsigned = httpx.get(facts["download_url"])

    assert status == 200
    assert hashlib.sha1(content).hexdigest() == facts["hash_value"]  # noqa: S324 # the protocol's
    assert f"`{number}" in content.decode("utf-8-sig")
    assert unsigned.status_code == 401
