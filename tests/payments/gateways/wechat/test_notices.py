"""What the provider tells by itself, and its keys, which change."""

from datetime import UTC, datetime, timedelta

import pytest
from payments.gateways.standing_in import Ear, Heard, StandIn
from payments.gateways.wechat.merchant import Ask, Connect, heard

from chuzhi.payments.gateways.contract import (
    ForgedError,
    NotSentError,
    State,
    Told,
)
from chuzhi.payments.gateways.wechat import trust
from chuzhi.payments.gateways.wechat.gateway import WeChatPay


def test_a_notice_is_read_once(wechat: WeChatPay, notice: Heard) -> None:
    heard(wechat, notice)

    with pytest.raises(ForgedError, match="sent before"):
        heard(wechat, notice)


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_notice_from_another_time_is_refused(wechat: WeChatPay, notice: Heard, minutes: int) -> None:
    with pytest.raises(ForgedError, match="too old"):
        wechat.read(notice.headers, notice.body, now=datetime.now(UTC) + timedelta(minutes=minutes))


def test_a_changed_body_is_refused(wechat: WeChatPay, notice: Heard) -> None:
    changed = Heard(notice.path, notice.headers, notice.body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCESs"))

    with pytest.raises(ForgedError, match="signature is wrong"):
        heard(wechat, changed)


@pytest.mark.parametrize("name", ["wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial"])
def test_a_notice_without_a_part_of_its_stamp_is_refused(wechat: WeChatPay, notice: Heard, name: str) -> None:
    without = {key: value for key, value in notice.headers.items() if key != name}

    with pytest.raises(ForgedError, match="not signed"):
        heard(wechat, Heard(notice.path, without, notice.body))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wechatpay-signature", "bm90IGEgc2lnbmF0dXJl"),
        ("wechatpay-signature", "not base64!"),
        ("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3"),
        ("wechatpay-timestamp", "soon"),
        ("wechatpay-serial", "0123456789ABCDEF"),
        ("wechatpay-nonce", "another"),
    ],
)
def test_a_notice_with_another_stamp_is_refused(wechat: WeChatPay, notice: Heard, name: str, value: str) -> None:
    with pytest.raises(ForgedError):
        heard(wechat, Heard(notice.path, {**notice.headers, name: value}, notice.body))


def test_a_notice_that_was_encrypted_for_another_merchant_is_refused(
    provider: StandIn, connect: Connect, asked: Ask, listening: Ear
) -> None:
    public = provider.control("signer", public_key=True)
    other = connect(**public, v3_key="k" * 32)
    payment = asked()
    try:
        other.start(payment)
        provider.control("pay", number=payment.number)
        notice = listening.wait()[0]
    finally:
        provider.control("signer", public_key=False)

    with pytest.raises(ForgedError, match="cannot be decrypted"):
        heard(other, notice)


def test_the_provider_s_probe_is_refused_and_the_notice_itself_is_read(
    provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear
) -> None:
    payment = asked()
    wechat.start(payment)
    provider.control("next", faults=["forge_notice"])
    provider.control("pay", number=payment.number)

    both = listening.wait(2)

    probes = [each for each in both if each.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")]
    assert len(probes) == 1
    with pytest.raises(ForgedError, match="probe"):
        heard(wechat, probes[0])
    told = heard(wechat, next(each for each in both if each is not probes[0]))
    assert isinstance(told, Told)
    assert told.state is State.PAID


def test_a_notice_that_came_twice_is_one_event(provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear) -> None:
    payment = asked()
    wechat.start(payment)
    provider.control("next", faults=["double_notice"])
    provider.control("pay", number=payment.number)

    read = [wechat.read(each.headers, each.body, now=datetime.now(UTC)) for each in listening.wait(2)]

    assert read[0] == read[1]


def test_the_provider_hears_that_a_notice_was_taken_or_refused(wechat: WeChatPay) -> None:
    assert wechat.reply(accepted=True).status == 200
    assert wechat.reply(accepted=False).status == 401


def test_certificates_change_in_mid_run(provider: StandIn, wechat: WeChatPay, asked: Ask, listening: Ear) -> None:
    first = asked()
    wechat.start(first)
    serial = provider.control("rotate")["serial"]

    second = asked()
    wechat.start(second)
    provider.control("pay", number=second.number)

    notice = listening.wait()[0]
    assert notice.headers["wechatpay-serial"] == serial
    assert isinstance(heard(wechat, notice), Told)
    assert wechat.ask(first.number).state is State.WAITING


def test_unknown_serial_numbers_do_not_make_us_ask_each_time(
    wechat: WeChatPay, notice: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = wechat._conversation.trust
    fetched, fetch = [], trust._fetch
    monkeypatch.setattr(trust, "_fetch", lambda: fetched.append(1) or fetch())

    for number in range(50):
        with pytest.raises(ForgedError):
            heard(wechat, Heard(notice.path, {**notice.headers, "wechatpay-serial": f"{number:040X}"}, notice.body))

    assert len(fetched) <= 5


def test_the_provider_s_public_key_replaces_certificates(
    provider: StandIn, connect: Connect, asked: Ask, listening: Ear
) -> None:
    public = provider.control("signer", public_key=True)
    wechat = connect(**public)
    payment = asked()

    try:
        wechat.start(payment)
        provider.control("pay", number=payment.number)
        notice = listening.wait()[0]
    finally:
        provider.control("signer", public_key=False)

    assert notice.headers["wechatpay-serial"] == public["public_key_id"]
    assert isinstance(heard(wechat, notice), Told)
    assert not wechat._conversation.trust._certificates


@pytest.mark.parametrize(
    ("kind", "facts"),
    [("COMPLAINT.CREATE", {"complaint_id": "1"}), ("TRANSACTION.SUCCESS", {"profitsharing": "1"}), ("REFUND.SUCCESS", {})],
)
def test_notices_of_other_kinds_are_taken_without_content(
    provider: StandIn, wechat: WeChatPay, listening: Ear, kind: str, facts: dict[str, str]
) -> None:
    """The provider adds kinds; one that we do not know must not be sent to us for ever."""
    provider.control("notice", url=f"{listening.address}/notice", kind=kind, original="other", facts=facts)
    came = listening.wait()[0]

    read = wechat.read(came.headers, came.body, now=datetime.now(UTC))

    assert (read.kind, read.content) == (kind, None)


def test_a_known_key_is_good_while_the_provider_gives_no_new_list(
    wechat: WeChatPay, notice: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "OLD_AFTER_SECONDS", -1)

    def unreachable() -> None:
        raise NotSentError("no way there")

    monkeypatch.setattr(wechat._conversation.trust, "_fetch", unreachable)

    assert isinstance(heard(wechat, notice), Told)
