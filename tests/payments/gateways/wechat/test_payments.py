"""Being paid and closing, against the stand-in through real sockets; and not knowing what became of it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import wechatpayv3
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from payments.gateways.standing_in import Ear, StandIn
from payments.gateways.wechat.merchant import Ask, Connect, heard, scanned

from chuzhi.payments.gateways.contract import (
    Decline,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
    Scene,
    State,
    Told,
)
from chuzhi.payments.gateways.wechat.gateway import WeChatPay


def test_a_shown_code_is_paid_and_told(provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear) -> None:
    payment = asked()

    started = wechat.start(payment)
    before = wechat.ask(payment.number)
    paid = provider.control("pay", number=payment.number, openid="oOne")

    told = heard(wechat, listening.wait()[0])
    assert started.code.startswith("weixin://wxpay/bizpayurl?pr=")
    assert before.state is State.WAITING
    assert isinstance(told, Told)
    assert (told.number, told.state, told.amount, told.currency) == (payment.number, State.PAID, 100_00, "CNY")
    assert (told.merchant, told.provider_id, told.payer) == (wechat.merchant, paid["transaction_id"], "oOne")
    assert abs((told.paid_at or datetime.min.replace(tzinfo=UTC)) - datetime.now(UTC)) < timedelta(minutes=1)
    assert wechat.ask(payment.number) == told


def test_what_a_page_s_script_is_given_is_signed_as_the_sdk_signs(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    merchant, public = provider.account, provider.control("signer", public_key=False)
    sdk = wechatpayv3.WeChatPay(
        wechatpayv3.WeChatPayType.JSAPI, merchant["merchant"], merchant["private_key"], merchant["certificate_serial"],
        merchant["app"], merchant["v3_key"], **public,
    )  # fmt: skip

    given = wechat.start(asked(scene=Scene.IN_APP, payer="oOne")).facts

    assert given["paySign"] == sdk.sign([given["appId"], given["timeStamp"], given["nonceStr"], given["package"]])
    assert given["package"].startswith("prepay_id=wx")
    assert given["signType"] == "RSA"


def test_a_browser_on_a_phone_is_sent_to_the_provider_and_back(wechat: WeChatPay, asked: Ask) -> None:
    back_to = "https://shop.example/orders/1?a=b"

    started = wechat.start(asked(scene=Scene.PHONE, payer_ip="203.0.113.7", return_url=back_to))

    assert parse_qs(urlsplit(started.url).query)["redirect_url"] == [back_to]


def test_a_code_that_the_payer_shows_is_paid_at_once(wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(**scanned())

    started = wechat.start(payment)

    assert started.told is not None
    assert (started.told.state, started.told.amount, started.told.number) == (State.PAID, 100_00, payment.number)
    assert started.told == wechat.ask(payment.number)


def test_a_large_amount_waits_for_the_payer_s_password(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(amount=1500_00, **scanned())

    started = wechat.start(payment)
    waiting = wechat.ask(payment.number)
    provider.control("pay", number=payment.number)

    assert started.told is None
    assert waiting.state is State.WAITING
    assert wechat.ask(payment.number).state is State.PAID


@pytest.mark.parametrize(
    ("code", "decline"),
    [
        ("NOTENOUGH", Decline.LATER),
        ("RULELIMIT", Decline.LATER),
        ("AUTHCODEEXPIRE", Decline.ASK),
        ("ACCOUNTERROR", Decline.NEVER),
    ],
)
def test_a_decline_says_what_it_means_for_the_next_attempt(
    provider: StandIn, wechat: WeChatPay, asked: Ask, code: str, decline: Decline
) -> None:
    payment = asked(**scanned())
    provider.control("outcomes", payments=[code])

    with pytest.raises(ProviderRefusedError) as refused:
        wechat.start(payment)

    assert (refused.value.reason, refused.value.decline) == (code, decline)
    assert wechat.ask(payment.number).state is State.UNHEARD


def test_a_payment_that_failed_at_the_payer_s_bank_has_failed(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    provider.control("outcomes", payments=["PAYERROR"])

    started = wechat.start(asked(**scanned()))

    assert started.told is not None
    assert (started.told.state, started.told.reason) == (State.FAILED, "PAYERROR")


def test_a_code_is_used_once(wechat: WeChatPay, asked: Ask) -> None:
    code = scanned()
    wechat.start(asked(**code))

    with pytest.raises(ProviderRefusedError, match="AUTH_CODE_INVALID"):
        wechat.start(asked(**code))


def test_another_content_under_a_number_is_refused(wechat: WeChatPay, asked: Ask) -> None:
    payment = asked()
    wechat.start(payment)

    with pytest.raises(ProviderRefusedError, match="OUT_TRADE_NO_USED"):
        wechat.start(asked(number=payment.number, amount=200_00))


def test_a_number_that_never_arrived_is_unheard(wechat: WeChatPay) -> None:
    assert wechat.ask("P00000001") == Told(number="P00000001", state=State.UNHEARD)


def test_a_lost_answer_is_an_unknown_outcome_and_can_be_asked_about(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(**scanned())
    provider.control("next", faults=["lose_answer"])

    with pytest.raises(OutcomeUnknownError):
        wechat.start(payment)

    assert wechat.ask(payment.number).state is State.PAID


def test_a_fault_of_the_provider_after_the_money_moved_is_an_unknown_outcome(
    provider: StandIn, wechat: WeChatPay, asked: Ask
) -> None:
    payment = asked(**scanned())
    provider.control("outcomes", payments=["SYSTEMERROR"])

    with pytest.raises(OutcomeUnknownError):
        wechat.start(payment)

    assert wechat.ask(payment.number).state is State.PAID


def test_an_answer_with_a_wrong_signature_is_not_believed(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(**scanned())
    provider.control("next", faults=["forge_answer"])

    with pytest.raises(OutcomeUnknownError, match="not to be believed"):
        wechat.start(payment)


def test_an_answer_stamped_long_ago_is_not_believed(provider: StandIn, wechat: WeChatPay) -> None:
    wechat.ask("P00000001")
    provider.control("skew", seconds=-400)

    try:
        with pytest.raises(OutcomeUnknownError, match="too old"):
            wechat.ask("P00000001")
    finally:
        provider.control("skew", seconds=0)


def test_a_provider_that_cannot_be_reached_has_certainly_not_got_it(connect: Connect, asked: Ask) -> None:
    nobody = connect(address="http://127.0.0.1:9")

    with pytest.raises(NotSentError):
        nobody.start(asked())


def test_keys_that_cannot_be_fetched_do_not_make_a_sent_request_unsent(
    wechat: WeChatPay, connect: Connect, asked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = asked(**scanned())

    def unreachable() -> None:
        raise NotSentError("no way there")

    monkeypatch.setattr(wechat._conversation.trust, "_fetch", unreachable)
    with pytest.raises(OutcomeUnknownError):
        wechat.start(payment)

    assert connect().ask(payment.number).state is State.PAID


def test_a_signature_that_the_provider_does_not_recognise_is_a_refusal(connect: Connect, asked: Ask) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    stranger = connect(private_key=pem)

    with pytest.raises(ProviderRefusedError, match="SIGN_ERROR"):
        stranger.start(asked())


def test_what_is_closed_can_no_longer_be_paid(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked()
    wechat.start(payment)

    wechat.close(payment.number)

    assert wechat.ask(payment.number).state is State.CLOSED
    wechat.close(payment.number)


def test_what_was_paid_meanwhile_is_not_closed(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked()
    wechat.start(payment)
    provider.control("pay", number=payment.number)

    with pytest.raises(ProviderRefusedError, match="ORDERPAID"):
        wechat.close(payment.number)

    assert wechat.ask(payment.number).state is State.PAID


def test_a_payer_who_is_quicker_than_we_close_has_paid(
    provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear
) -> None:
    payment = asked()
    wechat.start(payment)
    provider.control("next", faults=["pay_first"])

    with pytest.raises(ProviderRefusedError, match="ORDERPAID"):
        wechat.close(payment.number)

    told = heard(wechat, listening.wait()[0])
    assert isinstance(told, Told)
    assert told.state is State.PAID


def test_a_payment_that_waits_for_a_password_is_reversed(wechat: WeChatPay, asked: Ask) -> None:
    payment = asked(amount=1500_00, **scanned())
    wechat.start(payment)

    wechat.close(payment.number)

    assert wechat.ask(payment.number).state is State.CLOSED


def test_what_expired_is_closed_by_the_provider(provider: StandIn, wechat: WeChatPay, asked: Ask) -> None:
    payment = asked()
    wechat.start(payment)

    provider.control("clock", ahead_seconds=3600)
    try:
        assert wechat.ask(payment.number).state is State.CLOSED
    finally:
        provider.control("clock", ahead_seconds=0)
