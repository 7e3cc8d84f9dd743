"""What the provider and its merchant hold: made once in the folder, and read from there afterwards."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

FILE = "keys.json"
MERCHANT, APP, PLAN = "1900009191", "wxd678efh567hg6787", "12535"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


@dataclass(frozen=True)
class PlatformKey:
    """One with which the provider signs: known by a certificate's serial number, or by the ID of a public key."""

    serial: str
    private: rsa.RSAPrivateKey
    certificate: x509.Certificate | None = None

    @property
    def public_pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM) if self.certificate else b""


@dataclass
class Keys:
    """`certificates` from the oldest to the one in use. `signs_by_public_key` is the provider's newer way."""

    merchant: rsa.RSAPrivateKey
    merchant_serial: str
    v3_key: str
    v2_key: str
    public: PlatformKey
    certificates: list[PlatformKey] = field(default_factory=list)
    signs_by_public_key: bool = False

    @property
    def signer(self) -> PlatformKey:
        return self.public if self.signs_by_public_key else self.certificates[-1]

    def rotate(self) -> PlatformKey:
        """A new certificate takes over. The one before stays in the list; what is older disappears."""
        self.certificates = [*self.certificates[-1:], _certified(_key())]
        return self.certificates[-1]

    def merchant_pem(self) -> str:
        return _pem(self.merchant)


def ready(folder: Path) -> Keys:
    """Those of the folder; a merchant's account stays the same from one start to the next."""
    file = folder / FILE
    if not file.exists():
        draw = random.SystemRandom()
        made = {
            "merchant": _pem(_key()),
            "platform": _pem(_key()),
            "public": _pem(_key()),
            "merchant_serial": f"{draw.getrandbits(160):040X}",
            "public_id": f"PUB_KEY_ID_{draw.getrandbits(128):032X}",
            "v3_key": "".join(draw.choices(LETTERS, k=32)),
            "v2_key": "".join(draw.choices(LETTERS, k=32)),
        }
        file.write_text(json.dumps(made, indent=1), encoding="utf-8")
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Keys(
        merchant=_read(kept["merchant"]),
        merchant_serial=kept["merchant_serial"],
        v3_key=kept["v3_key"],
        v2_key=kept["v2_key"],
        public=PlatformKey(kept["public_id"], _read(kept["public"])),
        certificates=[_certified(_read(kept["platform"]))],
    )


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _read(pem: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 # written by this module
    return key


def _certified(key: rsa.RSAPrivateKey) -> PlatformKey:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=5 * 365))
        .sign(key, SHA256())
    )
    return PlatformKey(f"{certificate.serial_number:X}", key, certificate)
