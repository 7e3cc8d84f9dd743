"""Signatures; Stripe's own SDK signs beside the stand-in."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from payments.gateways.standing_in import Ear, StandIn, ear, standing_in
from payments.gateways.stripe.merchant import notice, paid, signed

from chuzhi.payments.gateways.contract import ForgedError, Told
from chuzhi.payments.gateways.stripe.account import parse
from chuzhi.payments.gateways.stripe.gateway import StripeGateway, build


def test_what_the_sdk_signs_is_believed(gateway: StripeGateway, provider: StandIn) -> None:
    body = notice()

    read = gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))

    assert (read.event, read.kind) == ("evt_1", "checkout.session.completed")
    assert isinstance(read.content, Told)
    assert (read.content.number, read.content.merchant) == ("P123456", gateway.merchant)


def test_a_notice_about_another_account_names_it(gateway: StripeGateway, provider: StandIn) -> None:
    body = notice(account="acct_other")

    content = gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC)).content

    assert isinstance(content, Told)
    assert content.merchant == "acct_other"


def test_a_notice_of_somebody_elses_sale_is_none_of_ours(gateway: StripeGateway, provider: StandIn) -> None:
    session = json.loads(notice())["data"]["object"] | {"client_reference_id": None}
    body = notice(data={"object": session})

    read = gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))

    assert read.content is None


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_notice_signed_at_another_time_is_refused(gateway: StripeGateway, provider: StandIn, seconds: int) -> None:
    now = datetime.now(UTC)
    body = notice()

    with pytest.raises(ForgedError):
        gateway.read(signed(body, provider.account["webhook_secret"], now + timedelta(seconds=seconds)), body, now=now)


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "t=٣,v1=00", "v0=00,t=1", "t=1,v1=ü", "garbage", "t=1,v1="],
)
def test_a_header_that_is_no_signature_is_refused(gateway: StripeGateway, header: str) -> None:
    with pytest.raises(ForgedError):
        gateway.read({"stripe-signature": header}, b"{}", now=datetime.now(UTC))


def test_a_changed_notice_is_refused(gateway: StripeGateway, provider: StandIn) -> None:
    body = notice()
    headers = signed(body, provider.account["webhook_secret"])

    with pytest.raises(ForgedError):
        gateway.read(headers, body.replace(b"100", b"900"), now=datetime.now(UTC))


def test_a_live_notice_at_a_test_account_is_refused(gateway: StripeGateway, provider: StandIn) -> None:
    body = notice(livemode=True)

    with pytest.raises(ForgedError):
        gateway.read(signed(body, provider.account["webhook_secret"]), body, now=datetime.now(UTC))


def test_a_forged_notice_of_the_provider_is_refused_and_the_real_one_believed(
    gateway: StripeGateway, provider: StandIn, notices: Ear
) -> None:
    provider.control("faults", forge_notice=1.0)
    paid(gateway, provider)

    believed, refused = set(), 0
    for heard in notices.wait(8):
        try:
            believed.add(gateway.read(heard.headers, heard.body, now=datetime.now(UTC)).kind)
        except ForgedError:
            refused += 1

    assert believed == {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}
    assert refused == 4


def test_while_the_secret_is_rolled_both_are_good(tmp_path_factory: pytest.TempPathFactory) -> None:
    with standing_in("stripe", tmp_path_factory.mktemp("rolled")) as provider, ear() as notices:
        provider.control("endpoint", url=notices.address)
        rolled = provider.control("roll_secret")
        new, before = rolled["webhook_secret"], rolled["webhook_secret_before"]
        given = [{"webhook_secret": before}, rolled, {"webhook_secret": new}]
        old_alone, both, new_alone = (build(parse(provider.account | each)) for each in given)
        paid(both, provider)
        (during,) = [each for each in notices.wait(4) if b'"payment_intent.succeeded"' in each.body]
        provider.control("drop_secret")
        provider.control("resend", type="payment_intent.succeeded")
        after = notices.wait(5)[-1]

    now = datetime.now(UTC)
    assert len({each.read(during.headers, during.body, now=now).event for each in (old_alone, both, new_alone)}) == 1
    assert len({each.read(after.headers, after.body, now=now).event for each in (both, new_alone)}) == 1
    with pytest.raises(ForgedError):
        old_alone.read(after.headers, after.body, now=now)
    both.disconnect()


def test_a_refused_notice_is_sent_again(gateway: StripeGateway, provider: StandIn, notices: Ear) -> None:
    notices.answer = lambda _heard: (200 if len(notices.heard) > 3 else gateway.reply(accepted=False).status, b"")
    paid(gateway, provider)

    again = [gateway.read(each.headers, each.body, now=datetime.now(UTC)).event for each in notices.wait(8)]

    assert len(set(again)) == 4
