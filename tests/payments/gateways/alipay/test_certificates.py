"""Certificate mode, and what happens when Alipay changes what it signs with in mid-run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from alipay import DCAliPay
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from payments.gateways.alipay.conftest import Orders
from payments.gateways.standing_in import Ear, StandIn

from chuzhi.payments.gateways.alipay import account, certificates, channel, gateway
from chuzhi.payments.gateways.alipay.gateway import Alipay
from chuzhi.payments.gateways.contract import ForgedError, OutcomeUnknownError, State, Told


@pytest.mark.filterwarnings("ignore:X509")  # the SDK's own library says so of what the SDK calls
def test_the_serial_numbers_are_those_of_the_public_sdk(provider: StandIn) -> None:
    facts = provider.control("certificate_account")
    sdk = DCAliPay(
        appid=facts["app_id"],
        app_private_key_string=facts["app_private_key"],
        app_public_key_cert_string=facts["app_certificate"],
        alipay_public_key_cert_string=facts["alipay_certificate"],
        alipay_root_cert_string=facts["alipay_root_certificate"],
    )

    address = httpx.URL(channel.Channel(account.parse(facts)).address("alipay.trade.page.pay", {}))

    assert address.params["app_cert_sn"] == sdk.app_cert_sn
    assert address.params["alipay_root_cert_sn"] == sdk.alipay_root_cert_sn
    assert "_" in sdk.alipay_root_cert_sn


def test_a_payment_in_certificate_mode(certified: Alipay, orders: Orders, hearing: Ear) -> None:
    asked = orders.scanned()

    told = certified.start(asked).told

    assert told
    assert told.state is State.PAID
    heard = hearing.wait()[0]
    assert isinstance(certified.read(heard.headers, heard.body, now=datetime.now(UTC)).content, Told)


def test_a_new_certificate_is_fetched_and_believed_for_its_chain(certified: Alipay, provider: StandIn, orders: Orders) -> None:
    before = orders.scanned()
    certified.start(before)

    provider.control("change_certificate")

    assert certified.ask(before.number).state is State.PAID
    after = certified.start(orders.scanned()).told
    assert after
    assert after.state is State.PAID


def test_many_at_once_fetch_a_new_certificate_together(certified: Alipay, provider: StandIn, orders: Orders) -> None:
    asked = orders.scanned()
    certified.start(asked)
    provider.control("change_certificate")

    with ThreadPoolExecutor(8) as several:
        told = list(several.map(lambda _turn: certified.ask(asked.number).state, range(24)))

    assert told == [State.PAID] * 24


def test_a_new_certificate_that_cannot_be_fetched_now_is_fetched_at_the_next_call(
    certified: Alipay, provider: StandIn, orders: Orders
) -> None:
    asked = orders.scanned()
    certified.start(asked)
    provider.control("change_certificate", to="unpublished")
    with pytest.raises(OutcomeUnknownError, match="certificate"):
        certified.ask(asked.number)

    provider.control("change_certificate")

    assert certified.ask(asked.number).state is State.PAID


def test_a_notice_signed_with_a_new_certificate_is_read(
    certified: Alipay, provider: StandIn, orders: Orders, hearing: Ear
) -> None:
    """It does not say with which: a wrong signature is reason enough to look."""
    shown = orders.payment()
    certified.start(shown)
    provider.control("change_certificate")
    provider.control("pay", number=shown.number)

    heard = hearing.wait()[0]

    assert isinstance(certified.read(heard.headers, heard.body, now=datetime.now(UTC)).content, Told)


def test_forged_notices_make_us_look_once_a_minute_at_most(
    certified: Alipay, provider: StandIn, orders: Orders, hearing: Ear
) -> None:
    certified.start(orders.scanned())
    heard = hearing.wait()[0]
    spoilt = heard.body.replace(b"TRADE_SUCCESS", b"TRADE_CLOSED")
    with pytest.raises(ForgedError):
        certified.read(heard.headers, spoilt, now=datetime.now(UTC))
    provider.process.send_signal(19)  # SIGSTOP: nothing that asks it now gets an answer

    try:
        with pytest.raises(ForgedError):
            certified.read(heard.headers, spoilt, now=datetime.now(UTC))
    finally:
        provider.process.send_signal(18)  # SIGCONT


@pytest.mark.parametrize("to", ["stranger", "neighbour"])
def test_a_certificate_that_is_not_alipays_is_not_believed(
    certified: Alipay, provider: StandIn, orders: Orders, to: str
) -> None:
    """A stranger's leads to no root of ours; a neighbour's does, and is made out to another merchant."""
    before = orders.scanned()
    certified.start(before)

    provider.control("change_certificate", to=to)

    try:
        with pytest.raises(OutcomeUnknownError, match="certificate"):
            certified.ask(before.number)
    finally:
        provider.control("change_certificate")


def test_in_key_mode_the_next_key_can_be_typed_beforehand(provider: StandIn, orders: Orders) -> None:
    old = provider.account
    new_key = provider.control("change_key")["alipay_public_key"]
    both = gateway.build(account.parse({**old, "alipay_public_key": old["alipay_public_key"] + new_key}))

    told = both.start(orders.scanned()).told

    assert told
    assert told.state is State.PAID
    with pytest.raises(OutcomeUnknownError, match="signature"):
        gateway.build(account.parse(old)).start(orders.scanned())


def test_a_chain_is_trusted_while_every_link_is_in_force(provider: StandIn) -> None:
    given = account.parse(provider.control("certificate_account")).certificates
    pem = provider.control("certificate_account")["alipay_certificate"]
    chain = x509.load_pem_x509_certificates(pem.encode())
    assert given
    now = datetime.now(UTC)

    assert certificates.is_trusted(chain, given.roots, at=now)
    assert not certificates.is_trusted(chain[:1], given.roots, at=now), "the link between is missing"
    assert not certificates.is_trusted(chain, given.roots[1:], at=now), "its root is not among ours"
    assert not certificates.is_trusted(chain, given.roots, at=now.replace(year=2040)), "it has run out"


def test_a_merchants_certificate_vouches_for_nobody(provider: StandIn) -> None:
    """It leads to the same root as Alipay's; but a merchant is no authority."""
    ours = account.parse(provider.control("certificate_account"))
    assert ours.certificates
    merchant, now = ours.certificates.application, datetime.now(UTC)
    made = x509.CertificateBuilder(
        issuer_name=merchant.subject,
        subject_name=ours.certificates.alipay.subject,
        public_key=ours.app_key.public_key(),
        serial_number=1,
        not_valid_before=merchant.not_valid_before_utc,
        not_valid_after=merchant.not_valid_after_utc,
    ).sign(ours.app_key, SHA256())
    chain = x509.load_pem_x509_certificates(provider.control("certificate_account")["alipay_certificate"].encode())

    assert certificates.is_trusted([merchant, *chain], ours.certificates.roots, at=now)
    assert not certificates.is_trusted([made, merchant, *chain], ours.certificates.roots, at=now)
