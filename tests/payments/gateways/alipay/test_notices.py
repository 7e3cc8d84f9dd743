"""What the stand-in posts to the merchant, read by the adapter; the public SDK verifies the same bytes."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from alipay import AliPay
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import Ear, Heard, StandIn

from chuzhi.payments.gateways.alipay import account, gateway, notices, signing
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import Asked, ForgedError, RefundState, RefundTold, Scene, State, Told


def now() -> datetime:
    return datetime.now(UTC)


def fields(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(heard.body.decode(), keep_blank_values=True))


def changed(heard: Heard, **values: str) -> bytes:
    return urlencode(fields(heard) | values).encode()


def test_a_payment_is_told_once_it_is_made(shop: Alipay, hearing: Ear, paid: Callable[..., Asked]) -> None:
    asked = paid()

    heard = hearing.wait()[0]
    notice = shop.read(heard.headers, heard.body, now=now())

    assert (notice.event, notice.kind) == (fields(heard)["notify_id"], "trade_status_sync")
    assert isinstance(notice.content, Told)
    assert (notice.content.number, notice.content.state, notice.content.amount) == (asked.number, State.PAID, 12_345)
    assert notice.content.merchant == shop.merchant
    assert notice.content == shop.ask(asked.number)


def test_the_public_sdk_believes_the_same_notice(provider: StandIn, hearing: Ear, paid: Callable[..., Asked]) -> None:
    paid()
    facts = provider.account
    sdk = AliPay(
        appid=facts["app_id"],
        app_private_key_string=facts["app_private_key"],
        alipay_public_key_string=facts["alipay_public_key"],
    )

    form = fields(hearing.wait()[0])

    assert sdk.verify(form, form.pop("sign"))


def test_a_refund_is_never_read_as_a_second_payment(
    shop: Alipay, orders: Orders, hearing: Ear, paid: Callable[..., Asked]
) -> None:
    asked = paid()
    part, rest = orders.refund(asked, 2_345), orders.refund(asked, 10_000)
    shop.refund(part)
    hearing.wait(2)
    shop.refund(rest)

    later = hearing.wait(3)[1:]

    told = [shop.read(heard.headers, heard.body, now=now()).content for heard in later]
    assert [fields(heard)["trade_status"] for heard in later] == ["TRADE_SUCCESS", "TRADE_CLOSED"]
    assert all(isinstance(each, RefundTold) and each.payment == asked.number for each in told)
    assert [(each.number, each.state, each.amount) for each in told if isinstance(each, RefundTold)] == [
        (part.number, RefundState.DONE, None),
        (rest.number, RefundState.DONE, None),
    ]


def test_a_closed_order_and_an_old_payment_are_told(
    shop: Alipay, provider: StandIn, orders: Orders, hearing: Ear, paid: Callable[..., Asked]
) -> None:
    unpaid = orders.payment()
    httpx.get(shop.start(unpaid).code)
    shop.close(unpaid.number)
    hearing.wait()
    asked = paid()
    hearing.wait(2)
    provider.control("finish", number=asked.number)

    told = [shop.read(heard.headers, heard.body, now=now()).content for heard in hearing.wait(3)]

    assert [each.state for each in told if isinstance(each, Told)] == [State.CLOSED, State.PAID, State.PAID]
    assert [fields(heard)["trade_status"] for heard in hearing.heard][2] == "TRADE_FINISHED"


@pytest.mark.parametrize("name", ["total_amount", "out_trade_no", "trade_status", "seller_id", "app_id", "notify_id"])
def test_every_field_is_under_the_signature(shop: Alipay, hearing: Ear, paid: Callable[..., Asked], name: str) -> None:
    paid()
    heard = hearing.wait()[0]

    with pytest.raises(ForgedError, match="signature"):
        shop.read(heard.headers, changed(heard, **{name: "1"}), now=now())


@pytest.mark.parametrize(
    "spoilt",
    [
        {"sign_type": "RSA"},
        {"sign_type": ""},
        {"sign": ""},
        {"sign": "not base64"},
        {"charset": "utf-7"},
    ],
)
def test_other_ways_to_sign_are_not_believed(
    shop: Alipay, hearing: Ear, paid: Callable[..., Asked], spoilt: dict[str, str]
) -> None:
    paid()
    heard = hearing.wait()[0]

    with pytest.raises(ForgedError):
        shop.read(heard.headers, changed(heard, **spoilt), now=now())


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"a=1&a=2", b"charset=%FF", b"&".join([b"a=1"] * 300)])
def test_rubbish_is_refused(shop: Alipay, body: bytes) -> None:
    with pytest.raises(ForgedError):
        shop.read({}, body, now=now())


def test_a_field_that_comes_twice_is_refused(shop: Alipay, hearing: Ear, paid: Callable[..., Asked]) -> None:
    """Whoever checks the first and uses the last can be led astray."""
    paid()
    heard = hearing.wait()[0]

    with pytest.raises(ForgedError, match="twice"):
        shop.read(heard.headers, heard.body + b"&total_amount=9999.00", now=now())


@pytest.mark.parametrize("away", [timedelta(days=4), timedelta(minutes=-20)])
def test_a_notice_of_another_time_is_refused(shop: Alipay, hearing: Ear, paid: Callable[..., Asked], away: timedelta) -> None:
    paid()
    heard = hearing.wait()[0]

    with pytest.raises(ForgedError, match="not now"):
        shop.read(heard.headers, heard.body, now=now() + away)


@pytest.mark.parametrize(("field", "other"), [("app_id", "2021000100009999"), ("seller_id", "2088102180009999")])
def test_a_notice_to_another_merchant_is_refused(
    provider: StandIn, hearing: Ear, paid: Callable[..., Asked], field: str, other: str
) -> None:
    """It is signed as Alipay signs, and still not ours."""
    neighbour = gateway.build(account.parse({**provider.account, field: other}))
    paid()
    heard = hearing.wait()[0]

    with pytest.raises(ForgedError, match=r"It is (for the application|about the merchant)"):
        neighbour.read(heard.headers, heard.body, now=now())


def test_a_forged_notice_is_refused_and_the_true_one_believed(
    shop: Alipay, provider: StandIn, hearing: Ear, paid: Callable[..., Asked]
) -> None:
    provider.control("next", faults=["forge_notice"])
    paid()

    verdicts = []
    for heard in hearing.wait(2):
        try:
            verdicts.append(shop.read(heard.headers, heard.body, now=now()).event)
        except ForgedError as fault:
            verdicts.append(str(fault))

    assert sorted(verdicts)[1] == "The signature is wrong."
    assert sorted(verdicts)[0].isdigit()


def test_a_notice_that_comes_twice_is_one_event(
    shop: Alipay, provider: StandIn, hearing: Ear, paid: Callable[..., Asked]
) -> None:
    provider.control("next", faults=["double_notice"])
    paid()

    events = {shop.read(heard.headers, heard.body, now=now()).event for heard in hearing.wait(2)}

    assert len(events) == 1


def test_a_notice_is_sent_until_the_answer_is_success(shop: Alipay, hearing: Ear, paid: Callable[..., Asked]) -> None:
    replies = [(reply.status, reply.body) for reply in (shop.reply(accepted=False), shop.reply(accepted=True))]
    hearing.answer = lambda _heard: replies[min(len(hearing.heard), 1)]

    paid()

    events = [fields(heard)["notify_id"] for heard in hearing.wait(2)]
    assert events[0] == events[1]


def test_a_notice_may_come_before_the_answer(shop: Alipay, provider: StandIn, orders: Orders, hearing: Ear) -> None:
    asked, heard_first = orders.scanned(), []
    provider.control("next", faults=["notice_first"])
    hearing.answer = lambda heard: heard_first.append(shop.read(heard.headers, heard.body, now=now())) or (200, b"success")

    told = shop.start(asked).told

    assert [notice.content for notice in heard_first if isinstance(notice.content, Told)]
    assert told
    assert told.state is State.PAID


def test_what_is_not_about_money_is_for_nobody(provider: StandIn, shop: Alipay, orders: Orders, hearing: Ear) -> None:
    """A kind that we do not know is accepted, so that Alipay stops sending it."""
    shop.start(orders.scanned(scene=Scene.SCANNED))
    heard = hearing.wait()[0]
    key = account.parse(provider.account).app_key
    form = fields(heard) | {"notify_type": "open_app_auth_notify"}
    form["sign"] = signing.sign(signing.text_of(form, without=signing.NOT_SIGNED_IN_NOTICES), key)

    told = notices.read(urlencode(form).encode(), account=account.parse(provider.account), keys=(key.public_key(),), now=now())

    assert told.content is None


def test_a_notice_in_gbk_is_read_in_gbk(provider: StandIn, hearing: Ear, paid: Callable[..., Asked]) -> None:
    paid()
    ours = account.parse(provider.account)
    form = fields(hearing.wait()[0]) | {"charset": "GBK", "subject": "储值卡"}
    text = signing.text_of(form, without=signing.NOT_SIGNED_IN_NOTICES)
    form["sign"] = _signed_in_gbk(text, ours)

    told = notices.read(urlencode(form, encoding="gbk").encode(), account=ours, keys=(ours.app_key.public_key(),), now=now())

    assert isinstance(told.content, Told)


def _signed_in_gbk(text: str, ours: account.Account) -> str:
    return base64.b64encode(ours.app_key.sign(text.encode("gbk"), PKCS1v15(), SHA256())).decode()
