"""RSA2: SHA256 with RSA over the parameters in order of their names, or over the exact bytes of an answer."""

import base64
import binascii
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

NOT_SIGNED = frozenset({"sign"})
NOT_SIGNED_IN_NOTICES = frozenset({"sign", "sign_type"})


def text_of(parameters: Mapping[str, str], *, without: frozenset[str] = NOT_SIGNED) -> str:
    """What is signed of the parameters, as they are before they are escaped for an address. Empty ones do not count."""
    signed = sorted((name, value) for name, value in parameters.items() if name not in without and value)
    return "&".join(f"{name}={value}" for name, value in signed)


def sign(text: str, key: RSAPrivateKey) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def is_signed(text: bytes, signature: str, keys: Iterable[RSAPublicKey]) -> bool:
    """Whether any of the keys made the signature: more than one is good while Alipay changes its own."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_fits(text, raw, key) for key in keys)


def _fits(text: bytes, signature: bytes, key: RSAPublicKey) -> bool:
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
