"""Who is who here: one merchant with two applications, one of each mode, and Alipay's own keys and certificates."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

SELLER, SELLER_EMAIL = "2088102180000001", "shop@example.com"
KEY_APP, CERTIFICATE_APP = "2021000100000001", "2021000100000002"
YEARS = timedelta(days=3650)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class App:
    """`serial` and `root_serial` are empty in key mode."""

    app_id: str
    key: rsa.RSAPublicKey
    serial: str = ""
    root_serial: str = ""


@dataclass(frozen=True)
class Signer:
    """What Alipay signs with. Without a certificate in key mode."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate | None = None

    @property
    def serial(self) -> str:
        return serial_of(self.certificate) if self.certificate else ""


@dataclass
class Identity:
    """`signers` by application; `chains` are the certificates that can be downloaded, by serial number."""

    apps: Mapping[str, App]
    signers: dict[str, Signer]
    issuer: x509.Certificate
    issuer_key: rsa.RSAPrivateKey
    chains: dict[str, str] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def change_key(self) -> str:
        """Alipay signs for the application in key mode with another key from now on. Answers its public half."""
        signer = Signer(_made())
        self.signers[KEY_APP] = signer
        return _public(signer.key)

    def change_certificate(self, *, to: str) -> str:
        """To another certificate of Alipay's own; to one of a "stranger", for whom no root vouches, or of a "neighbour", another
        merchant; or to an "unpublished" one, which cannot be downloaded."""
        key, organization = _made(), "Alipay" if to != "neighbour" else "Another merchant"
        issuer, issuer_key = self.issuer, self.issuer_key
        if to == "stranger":
            issuer_key = _made()
            issuer = _certificate("Stranger", "Stranger CA", issuer_key, None, issuer_key, is_authority=True)
        certificate = _certificate(organization, f"{organization}-{SELLER}", key, issuer, issuer_key)
        self.signers[CERTIFICATE_APP] = Signer(certificate=certificate, key=key)
        if to != "unpublished":
            self.chains[serial_of(certificate)] = _pem(certificate) + _pem(issuer)
        return serial_of(certificate)


def kept_in(folder: Path) -> Identity:
    """Keys are made once a folder; certificates follow from them at each start."""
    app, sold, alipay = _key(folder, "app"), _key(folder, "certified_app"), _key(folder, "alipay")
    root, between, certified = _key(folder, "root"), _key(folder, "issuer"), _key(folder, "certified_alipay")
    root_certificate = _certificate("Ant Root", "Ant Root CA R1", root, None, root, is_authority=True)
    issuer = _certificate("Ant Financial", "Ant Class 2 R1", between, root_certificate, root, is_authority=True)
    app_certificate = _certificate("The shop", f"The shop-{SELLER}", sold, issuer, between)
    alipay_certificate = _certificate("Alipay", f"Alipay-{SELLER}", certified, issuer, between)
    roots = [root_certificate, _elliptic_root(), _certificate("Other Root", "Other CA", app, None, app, is_authority=True)]
    root_serial = "_".join(serial_of(each) for each in (roots[0], roots[2]))
    key_account = {"app_private_key": _private(app), "alipay_public_key": _public(alipay)}
    certificate_account = {
        "app_private_key": _private(sold),
        "app_certificate": _pem(app_certificate),
        "alipay_certificate": _pem(alipay_certificate) + _pem(issuer),
        "alipay_root_certificate": "\n".join(_pem(each) for each in roots),
    }
    return Identity(
        apps={
            KEY_APP: App(KEY_APP, app.public_key()),
            CERTIFICATE_APP: App(CERTIFICATE_APP, sold.public_key(), serial_of(app_certificate), root_serial),
        },
        signers={KEY_APP: Signer(alipay), CERTIFICATE_APP: Signer(certified, alipay_certificate)},
        issuer=issuer,
        issuer_key=between,
        chains={serial_of(alipay_certificate): _pem(alipay_certificate) + _pem(issuer)},
        accounts={KEY_APP: key_account, CERTIFICATE_APP: certificate_account},
    )


def serial_of(certificate: x509.Certificate) -> str:
    """MD5 of CN, OU, O and C of the issuer in this order, and of the serial number in decimals."""
    issuer = {name.oid: str(name.value) for name in certificate.issuer}
    order = (("CN", NameOID.COMMON_NAME), ("OU", NameOID.ORGANIZATIONAL_UNIT_NAME), ("O", NameOID.ORGANIZATION_NAME))
    named = ",".join(f"{short}={issuer[oid]}" for short, oid in (*order, ("C", NameOID.COUNTRY_NAME)))
    return hashlib.md5(f"{named}{certificate.serial_number}".encode(), usedforsecurity=False).hexdigest()


def _key(folder: Path, name: str) -> rsa.RSAPrivateKey:
    path = folder / f"{name}.pem"
    if not path.exists():
        path.write_text(_private(_made()), encoding="ascii")
        path.chmod(0o600)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is no RSA key.")
    return key


def _made() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    organization: str,
    name: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: CertificateIssuerPrivateKeyTypes,
    *,
    is_authority: bool = False,
) -> x509.Certificate:
    """Without an issuer it vouches for itself. The same key and names make the same serial number at every start."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority" if is_authority else "Alipay"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    number = int.from_bytes(hashlib.sha256(public + name.encode()).digest()[:15])
    made = x509.CertificateBuilder(
        issuer_name=issuer.subject if issuer else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=number,
        not_valid_before=SINCE,
        not_valid_after=SINCE + YEARS,
    )
    return made.add_extension(x509.BasicConstraints(is_authority, None), critical=True).sign(issuer_key, SHA256())


def _elliptic_root() -> x509.Certificate:
    """Alipay's file of roots holds some that are not RSA; they do not count in its serial number."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate("Curved Root", "Curved CA", key, None, key, is_authority=True)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
