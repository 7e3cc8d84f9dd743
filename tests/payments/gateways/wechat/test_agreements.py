"""A payer's permission: signed, announced, charged, refused, ended; by the calls that periodic deduction really has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from payments.gateways.standing_in import Ear, Heard, StandIn
from payments.gateways.wechat.merchant import Ask, Connect, back, heard

from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    ChargesLater,
    Decline,
    ForgedError,
    OutcomeUnknownError,
    ProviderRefusedError,
    RefundState,
    Scene,
    State,
    Told,
)
from chuzhi.payments.gateways.wechat import flat_xml
from chuzhi.payments.gateways.wechat.gateway import WeChatPayLater
from chuzhi.payments.gateways.wechat.transactions import BEIJING

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def later(connect: Connect) -> WeChatPayLater:
    gateway = connect()
    assert isinstance(gateway, WeChatPayLater)
    return gateway


@pytest.fixture
def clock(provider: StandIn) -> Iterator[StandIn]:
    """A provider whose days may be moved, and are put back."""
    yield provider
    provider.control("clock", ahead_seconds=0)


def wanted(listening: Ear, number: str) -> AgreementAsked:
    return AgreementAsked(number=number, shown_name="王小明 😀", scene=Scene.IN_APP, notify_url=f"{listening.address}/notice")


@pytest.fixture
def signed(provider: StandIn, later: WeChatPayLater, listening: Ear, asked: Ask) -> AgreementTold:
    number = asked().number.replace("P", "A")
    started = later.agree(wanted(listening, number))
    provider.control("agree", address=started.url, openid="oOne")
    listening.wait()
    listening.heard.clear()
    return later.ask_agreement(number)


def in_days(days: int) -> datetime:
    return datetime.now(BEIJING) + timedelta(days=days)


def test_only_a_merchant_with_a_template_charges_later(connect: Connect) -> None:
    plain = connect(plan="", v2_key="")

    assert isinstance(connect(), ChargesLater)
    assert not isinstance(plain, ChargesLater)
    assert Scene.ABSENT not in plain.scenes


def test_an_agreement_is_signed_and_told(provider: StandIn, later: WeChatPayLater, listening: Ear) -> None:
    before = later.ask_agreement("A0000001")
    started = later.agree(wanted(listening, "A0000001"))
    page = httpx.get(started.url)

    agreed = provider.control("agree", address=started.url, openid="oOne")

    told = heard(later, listening.wait()[0])
    assert before.state is AgreementState.UNHEARD
    assert (page.status_code, "王小明" in page.text, "😀" in page.text) == (200, True, False)
    assert isinstance(told, AgreementTold)
    assert (told.number, told.state, told.provider_id) == ("A0000001", AgreementState.SIGNED, agreed["contract_id"])
    assert (told.merchant, told.payer) == (later.merchant, "oOne")
    asked = later.ask_agreement("A0000001")
    assert (asked.state, asked.provider_id, asked.payer) == (told.state, told.provider_id, told.payer)


def test_a_changed_address_signs_nothing(provider: StandIn, later: WeChatPayLater, listening: Ear) -> None:
    started = later.agree(wanted(listening, "A0000002"))

    page = httpx.get(started.url.replace("A0000002", "A0000003"))

    assert page.status_code == 400


def test_a_charge_on_the_day_of_signing_is_taken(
    provider: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask, listening: Ear
) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)

    started = later.start(payment)

    told = heard(later, listening.wait()[0])
    assert started.told is None
    assert isinstance(told, Told)
    assert (told.number, told.state, told.amount, told.currency) == (payment.number, State.PAID, 100_00, "CNY")
    assert (told.merchant, told.payer) == (later.merchant, "oOne")
    assert abs((told.paid_at or datetime.min.replace(tzinfo=UTC)) - datetime.now(UTC)) < timedelta(minutes=1)
    assert later.ask(payment.number) == told


def test_later_charges_are_announced_and_wait(
    clock: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask, listening: Ear
) -> None:
    def charge(**other: object) -> State:
        payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id, **other)
        try:
            later.start(payment)
        except ProviderRefusedError as no:
            assert (no.reason, no.decline) == ("RULELIMIT", Decline.LATER)  # noqa: PT017 # what is refused here is always this
        return later.ask(payment.number).state

    clock.control("clock", ahead_seconds=13 * HOUR)
    unannounced = charge()
    clock.control("clock", ahead_seconds=0)
    later.announce(agreement=signed.provider_id, amount=100_00, currency="CNY", on=in_days(5).date())
    clock.control("clock", ahead_seconds=DAY)
    too_early = charge()
    clock.control("clock", ahead_seconds=5 * DAY)
    too_much, taken, twice = charge(amount=100_01), charge(), charge()

    assert [unannounced, too_early, too_much, taken, twice] == [
        State.UNHEARD, State.UNHEARD, State.UNHEARD, State.PAID, State.UNHEARD,
    ]  # fmt: skip


def test_an_agreement_is_charged_again_after_another_announcement(
    clock: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask
) -> None:
    states = []
    for week in range(3):
        clock.control("clock", ahead_seconds=week * 10 * DAY)
        later.announce(agreement=signed.provider_id, amount=100_00, currency="CNY", on=in_days(2).date())
        clock.control("clock", ahead_seconds=(week * 10 + 2) * DAY)
        payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
        later.start(payment)
        states.append(later.ask(payment.number).state)

    assert states == [State.PAID] * 3


@pytest.mark.parametrize("days", [0, 1, 9])
def test_a_day_on_which_nothing_could_be_charged_is_not_announced(
    later: WeChatPayLater, signed: AgreementTold, days: int
) -> None:
    with pytest.raises(ProviderRefusedError, match="NOT_THEN"):
        later.announce(agreement=signed.provider_id, amount=1, currency="CNY", on=in_days(days).date())


def test_nothing_is_announced_at_night(clock: StandIn, later: WeChatPayLater, signed: AgreementTold) -> None:
    now = datetime.now(BEIJING)
    night = (now + timedelta(days=1)).replace(hour=3, minute=0) - now
    clock.control("hours", kept=True)
    clock.control("clock", ahead_seconds=night.total_seconds())

    try:
        with pytest.raises(ProviderRefusedError, match="RULE_LIMIT"):
            later.announce(agreement=signed.provider_id, amount=100_00, currency="CNY", on=in_days(3).date())
    finally:
        clock.control("hours", kept=False)


@pytest.mark.parametrize(("code", "decline"), [("NOTENOUGH", Decline.LATER), ("ACCOUNTERROR", Decline.NEVER)])
def test_a_charge_that_fails_says_what_it_means(
    provider: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask, listening: Ear, code: str, decline: Decline
) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
    provider.control("outcomes", payments=[code])

    later.start(payment)

    told = heard(later, listening.wait()[0])
    assert isinstance(told, Told)
    assert (told.state, told.decline, told.reason) == (State.FAILED, decline, code)
    assert later.ask(payment.number).state is State.FAILED


def test_a_charge_that_is_taken_on_waits(provider: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
    provider.control("outcomes", payments=["ACCEPT"])

    later.start(payment)

    assert later.ask(payment.number).state is State.WAITING


@pytest.mark.parametrize("way", ["lost", "SYSTEMERROR"])
def test_a_charge_whose_answer_is_lost_can_be_asked_about(
    provider: StandIn, later: WeChatPayLater, signed: AgreementTold, asked: Ask, way: str
) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
    if way == "lost":
        provider.control("next", faults=["lose_answer"])
    else:
        provider.control("outcomes", payments=[way])

    with pytest.raises(OutcomeUnknownError):
        later.start(payment)

    assert later.ask(payment.number).state is State.PAID


def test_the_same_charge_again_is_not_known_to_be_new(later: WeChatPayLater, signed: AgreementTold, asked: Ask) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
    later.start(payment)

    with pytest.raises(OutcomeUnknownError, match="ORDERPAID"):
        later.start(payment)


def test_what_was_charged_goes_back_like_any_payment(later: WeChatPayLater, signed: AgreementTold, asked: Ask) -> None:
    payment = asked(scene=Scene.ABSENT, agreement=signed.provider_id)
    later.start(payment)
    asked_back = back(payment, 40_00, provider_id=later.ask(payment.number).provider_id)

    later.refund(asked_back)

    assert later.ask_refund(asked_back).state is RefundState.DONE


def test_we_end_an_agreement_and_nothing_more_is_charged(
    later: WeChatPayLater, signed: AgreementTold, asked: Ask, listening: Ear
) -> None:
    later.release(agreement=signed.provider_id, reason="顾客要求")

    told = heard(later, listening.wait()[0])
    assert isinstance(told, AgreementTold)
    assert (told.number, told.state) == (signed.number, AgreementState.ENDED)
    assert later.ask_agreement(signed.number).state is AgreementState.ENDED
    with pytest.raises(ProviderRefusedError) as refused:
        later.start(asked(scene=Scene.ABSENT, agreement=signed.provider_id))
    assert refused.value.decline is Decline.NEVER
    later.release(agreement=signed.provider_id, reason="again")


def test_the_payer_ends_an_agreement(provider: StandIn, later: WeChatPayLater, signed: AgreementTold, listening: Ear) -> None:
    provider.control("leave", code=signed.number)

    told = heard(later, listening.wait()[0])

    assert isinstance(told, AgreementTold)
    assert (told.state, told.reason) == (AgreementState.ENDED, "2")


# ---- notices of the older kind


@pytest.fixture
def charged(later: WeChatPayLater, signed: AgreementTold, asked: Ask, listening: Ear) -> Heard:
    later.start(asked(scene=Scene.ABSENT, agreement=signed.provider_id))
    return listening.wait()[0]


def test_the_same_words_again_are_the_same_event(later: WeChatPayLater, charged: Heard) -> None:
    first, second = (later.read(charged.headers, charged.body, now=datetime.now(UTC)) for _each in range(2))

    assert first == second
    assert first.event


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"10000", b"20000"),
        lambda body: body.replace(b"<sign>", b"<sign_>").replace(b"</sign>", b"</sign_>"),
        lambda body: b'<!DOCTYPE xml [<!ENTITY a "a">]>' + body,
        lambda body: body[:-10],
        lambda body: body.decode().encode("utf-16"),
    ],
)
def test_changed_words_are_refused(later: WeChatPayLater, charged: Heard, change: object) -> None:
    assert callable(change)
    changed = Heard(charged.path, charged.headers, change(charged.body))

    with pytest.raises(ForgedError):
        heard(later, changed)


def test_a_merchant_without_agreements_hears_none(connect: Connect, charged: Heard) -> None:
    with pytest.raises(ForgedError):
        heard(connect(plan="", v2_key=""), charged)


def test_our_answer_is_what_the_older_kind_wants_to_hear(later: WeChatPayLater, charged: Heard) -> None:
    assert flat_xml.read(later.reply(accepted=True).body)["return_code"] == "SUCCESS"
