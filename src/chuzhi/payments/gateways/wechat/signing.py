"""Signatures both ways: ours on requests and on what a page's script is given, the provider's on answers and notices."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from chuzhi.payments.gateways.contract import ForgedError
from chuzhi.payments.gateways.wechat.account import Account, private_key
from chuzhi.payments.gateways.wechat.facts import Facts, text

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
FRESH_SECONDS = 300
CIPHER = "AEAD_AES_256_GCM"


@dataclass(frozen=True, slots=True)
class Stamp:
    """How the provider vouches for a body: when, by which of its keys, and the signature."""

    timestamp: str
    nonce: str
    serial: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Stamp":
        """Raises ForgedError when part of it is missing."""
        names = ("wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature")
        stamp = cls(*(headers.get(name, "") for name in names))
        if not all((stamp.timestamp, stamp.nonce, stamp.serial, stamp.signature)):
            raise ForgedError("not signed")
        if stamp.signature.startswith(PROBE):
            raise ForgedError("the provider's probe with a wrong signature")
        if headers.get("wechatpay-signature-type", SCHEME) != SCHEME:
            raise ForgedError("signed by another scheme")
        return stamp

    def check_age(self, now: datetime) -> None:
        if not self.timestamp.isdecimal() or abs(now.timestamp() - int(self.timestamp)) > FRESH_SECONDS:
            raise ForgedError("too old, or ahead of its time")

    def check(self, key: RSAPublicKey, body: bytes) -> None:
        signed = b"%b\n%b\n%b\n" % (self.timestamp.encode(), self.nonce.encode(), body)
        try:
            key.verify(base64.b64decode(self.signature, validate=True), signed, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error) as fault:
            raise ForgedError("the signature is wrong") from fault


def authorization(account: Account, method: str, target: str, body: bytes) -> str:
    """`target` is path and query, exactly as they are sent."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    signed = b"%b\n%b\n%b\n%b\n%b\n" % (method.encode(), target.encode(), timestamp.encode(), nonce.encode(), body)
    return (
        f'{SCHEME} mchid="{account.merchant}",nonce_str="{nonce}",timestamp="{timestamp}",'
        f'serial_no="{account.certificate_serial}",signature="{_sign(private_key(account.private_key), signed)}"'
    )


def page_facts(account: Account, prepay_id: str) -> dict[str, str]:
    """What the script of a page inside WeChat hands to its payment window."""
    timestamp, nonce, package = str(int(time.time())), secrets.token_hex(16), f"prepay_id={prepay_id}"
    signed = f"{account.app}\n{timestamp}\n{nonce}\n{package}\n".encode()
    return {
        "appId": account.app,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": _sign(private_key(account.private_key), signed),
    }


def decrypt(cipher: AESGCM, sealed: Facts) -> bytes:
    """A resource that only the provider could have encrypted for us. Raises ForgedError."""
    if text(sealed, "algorithm") != CIPHER:
        raise ForgedError("encrypted by another cipher")
    try:
        hidden = base64.b64decode(text(sealed, "ciphertext"), validate=True)
        return cipher.decrypt(text(sealed, "nonce").encode(), hidden, text(sealed, "associated_data").encode())
    except (InvalidTag, ValueError) as fault:
        raise ForgedError("cannot be decrypted with our key") from fault


def _sign(key: RSAPrivateKey, signed: bytes) -> str:
    return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()
