"""What a merchant configures: who they are at Alipay, and the keys or certificates of both sides."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.payments.gateways.alipay import certificates
from chuzhi.payments.gateways.contract import ConfigurationError, Setting

LIVE = "https://openapi.alipay.com/gateway.do"
FEWEST_BITS = 2048
BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


def _setting(name: str, label: Promise, explained: Promise, **more: bool | str) -> Setting:
    return Setting(name=name, label=label, help=explained, **more)  # type: ignore[arg-type] # each is of its field's type


FIELDS = (
    _setting("app_id", gettext_lazy("App ID"), gettext_lazy("16 digits, on the application's page at Alipay.")),
    _setting(
        "seller_id", gettext_lazy("Merchant's account (PID)"), gettext_lazy("16 digits that begin with 2088: who is paid.")
    ),
    _setting(
        "app_private_key", gettext_lazy("Application's private key"),
        gettext_lazy("RSA, 2048 bits or more, as PEM or as the key tool writes it."), is_secret=True, is_long=True,
    ),
    _setting(
        "alipay_public_key", gettext_lazy("Alipay's public key"),
        gettext_lazy("Key mode: Alipay's key, not the application's. Two keys are both believed, while one replaces the other."),
        is_required=False, is_long=True,
    ),
    _setting(
        "app_certificate", gettext_lazy("Application's certificate"),
        gettext_lazy("Certificate mode: appCertPublicKey.crt."), is_required=False, is_long=True,
    ),
    _setting(
        "alipay_certificate", gettext_lazy("Alipay's certificate"),
        gettext_lazy("Certificate mode: alipayCertPublicKey_RSA2.crt."), is_required=False, is_long=True,
    ),
    _setting(
        "alipay_root_certificate", gettext_lazy("Alipay's root certificates"),
        gettext_lazy("Certificate mode: alipayRootCert.crt."), is_required=False, is_long=True,
    ),
    _setting(
        "agreement_scene", gettext_lazy("Scene of agreements"),
        gettext_lazy("As signed with Alipay, for example INDUSTRY|SHOPPING. Empty: nobody can be charged later."), is_required=False,
    ),
    _setting(
        "agreement_product", gettext_lazy("Product of agreements"),
        gettext_lazy("As signed with Alipay."), default="GENERAL_WITHHOLDING_P", is_required=False,
    ),
    _setting("address", gettext_lazy("Alipay's address"), gettext_lazy("Another one for tests only."), default=LIVE, is_required=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificates:
    application: x509.Certificate
    alipay: x509.Certificate
    roots: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`certificates` is None in key mode. `alipay_keys` sign what Alipay says, as far as known when this was typed."""

    app_id: str
    seller_id: str
    app_key: RSAPrivateKey
    alipay_keys: tuple[RSAPublicKey, ...]
    certificates: Certificates | None
    agreement_scene: str
    agreement_product: str
    address: str


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError for the first field that cannot be right."""
    values = {field.name: (given.get(field.name) or field.default).strip() for field in FIELDS}
    app_key = _private_key(values["app_private_key"])
    parsed = _certificates(values, app_key) if values["app_certificate"] else None
    keys = (certificates.public_key(parsed.alipay),) if parsed else _public_keys(values["alipay_public_key"], app_key)
    return Account(
        app_id=_matched(values, "app_id", r"[0-9]{16}", _("An app ID has 16 digits.")),
        seller_id=_matched(
            values, "seller_id", r"2088[0-9]{12}", _("A merchant's account has 16 digits and begins with 2088.")
        ),
        app_key=app_key,
        alipay_keys=keys,
        certificates=parsed,
        agreement_scene=_matched(values, "agreement_scene", r"[A-Z_|0-9]*", _("Capital letters, with a | in between.")),
        agreement_product=_matched(values, "agreement_product", r"[A-Z_0-9]+", _("Capital letters, digits and _ only.")),
        address=_address(values["address"]),
    )


def _matched(values: Mapping[str, str], name: str, pattern: str, otherwise: str) -> str:
    if not re.fullmatch(pattern, values[name], re.ASCII):
        raise ConfigurationError(name, otherwise)
    return values[name]


def _address(given: str) -> str:
    split = urlsplit(given)
    is_here = split.hostname in {"127.0.0.1", "localhost", "::1"}
    if (
        split.query
        or split.fragment
        or not split.hostname
        or (split.scheme != "https" and not (is_here and split.scheme == "http"))
    ):
        raise ConfigurationError("address", _("An https address without a question mark."))
    return given


def _private_key(given: str) -> RSAPrivateKey:
    """PEM, or bare base64 of either format, which is what Alipay's own tool gives."""
    forms = [given] if "-----BEGIN" in given else [_enveloped(given, "PRIVATE KEY"), _enveloped(given, "RSA PRIVATE KEY")]
    for form in forms:
        try:
            key = load_pem_private_key(form.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, RSAPrivateKey) and key.key_size >= FEWEST_BITS:
            return key
    raise ConfigurationError("app_private_key", _("This is no RSA private key of 2048 bits or more without a password."))


def _public_keys(given: str, app_key: RSAPrivateKey) -> tuple[RSAPublicKey, ...]:
    if not given:
        raise ConfigurationError("alipay_public_key", _("Give Alipay's public key, or the three certificates."))
    blocks = [found.group() for found in BLOCK.finditer(given)] or [_enveloped(given, "PUBLIC KEY")]
    keys = tuple(_public_key(block) for block in blocks)
    if app_key.public_key() in keys:
        raise ConfigurationError("alipay_public_key", _("This is the application's own public key; Alipay's is needed."))
    return keys


def _public_key(block: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(block.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < FEWEST_BITS:
        raise ConfigurationError("alipay_public_key", _("This is no RSA public key of 2048 bits or more."))
    return key


def _certificates(values: Mapping[str, str], app_key: RSAPrivateKey) -> Certificates:
    application = _first(values, "app_certificate", x509.load_pem_x509_certificate)
    if application.public_key() != app_key.public_key():
        raise ConfigurationError("app_certificate", _("This certificate does not belong to the application's private key."))
    alipay = _first(values, "alipay_certificate", x509.load_pem_x509_certificate)
    try:
        certificates.public_key(alipay)
    except ValueError as fault:
        raise ConfigurationError("alipay_certificate", _("This certificate holds no RSA key.")) from fault
    return Certificates(application, alipay, _roots(values["alipay_root_certificate"]))


def _first(values: Mapping[str, str], name: str, load: Callable[[bytes], x509.Certificate]) -> x509.Certificate:
    try:
        return load(values[name].encode())
    except ValueError as fault:
        raise ConfigurationError(name, _("This is no certificate.")) from fault


def _roots(given: str) -> tuple[x509.Certificate, ...]:
    """Alipay's file also holds roots with Chinese curves, which not every build of OpenSSL can read; they are not needed."""
    found = []
    for block in BLOCK.finditer(given):
        try:
            found.append(x509.load_pem_x509_certificate(block.group().encode()))
        except ValueError:
            continue
    if not certificates.root_serial_number(found):
        raise ConfigurationError("alipay_root_certificate", _("There is no root certificate with an RSA signature in this."))
    return tuple(found)


def _enveloped(bare: str, kind: str) -> str:
    return f"-----BEGIN {kind}-----\n{''.join(bare.split())}\n-----END {kind}-----\n"
