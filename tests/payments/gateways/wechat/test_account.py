"""What a merchant configures."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from payments.gateways.standing_in import StandIn

from chuzhi.payments.gateways.contract import (
    ConfigurationError,
)
from chuzhi.payments.gateways.wechat import account


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("merchant", "12"),
        ("merchant", ""),
        ("app", "abc"),
        ("v3_key", "short"),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----"),
        ("certificate_serial", "not hexadecimal"),
        ("address", "http://elsewhere.example"),
        ("public_key", "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----"),
        ("plan", "monthly"),
        ("v2_key", ""),
    ],
)
def test_a_field_that_cannot_be_right_is_named(provider: StandIn, field: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        account.parse({**provider.account, field: value})

    assert refused.value.field == field
    assert str(refused.value.sentence)


def test_a_key_of_1024_bits_is_refused(provider: StandIn) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 # what is to be refused
    pem = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(ConfigurationError):
        account.parse({**provider.account, "private_key": pem})


def test_no_key_is_in_the_account_s_description(provider: StandIn) -> None:
    written = repr(account.parse(provider.account))

    assert provider.account["v3_key"] not in written
    assert "PRIVATE KEY" not in written
