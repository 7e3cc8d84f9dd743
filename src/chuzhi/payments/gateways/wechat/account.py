"""What a merchant of WeChat Pay configures, checked field by field before anything is signed with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.payments.gateways.contract import ConfigurationError, Setting

PROVIDER = "https://api.mch.weixin.qq.com"
LEAST_KEY_BITS = 2048

FIELDS = (
    Setting(name="merchant", label=_("Merchant number"), help=_("The mchid, 8 to 10 digits.")),
    Setting(
        name="app", label=_("App ID"), help=_("Of the official account that is bound to the merchant number; begins with wx.")
    ),
    Setting(
        name="certificate_serial",
        label=_("Serial number of the merchant's certificate"),
        help=_("40 characters, shown beside the certificate on the provider's site."),
    ),
    Setting(
        name="private_key",
        label=_("Merchant's private key"),
        help=_("The content of apiclient_key.pem."),
        is_secret=True,
        is_long=True,
    ),
    Setting(name="v3_key", label=_("APIv3 key"), help=_("32 characters; notices are encrypted with it."), is_secret=True),
    Setting(
        name="public_key_id",
        label=_("ID of the provider's public key"),
        help=_("Begins with PUB_KEY_ID_. Leave it empty if the provider signs with platform certificates: they are fetched."),
        is_required=False,
    ),
    Setting(
        name="public_key",
        label=_("Provider's public key"),
        help=_("The content of pub_key.pem, for the ID above."),
        is_required=False,
        is_long=True,
    ),
    Setting(
        name="plan",
        label=_("Template of the deduction agreement"),
        help=_("The plan_id of periodic deduction. Leave it empty if customers cannot be charged automatically."),
        is_required=False,
    ),
    Setting(
        name="v2_key",
        label=_("APIv2 key"),
        help=_("32 characters; only deduction agreements are signed with it."),
        is_secret=True,
        is_required=False,
    ),
    Setting(name="address", label=_("Address of the provider"), default=PROVIDER),
)

KEY = (r"[!-~]{32}", _("The key has exactly 32 characters."))
SHAPES = {
    "merchant": (r"\d{8,10}", _("A merchant number has 8 to 10 digits.")),
    "app": (r"wx[0-9a-zA-Z]{4,30}", _("An app ID begins with wx.")),
    "certificate_serial": (r"[0-9A-Fa-f]{8,40}", _("A serial number is written in hexadecimal digits.")),
    "v3_key": KEY,
    "v2_key": KEY,
    "public_key_id": (r"PUB_KEY_ID_\w+", _("The ID of a public key begins with PUB_KEY_ID_.")),
    "plan": (r"\d+", _("A template is known by its number.")),
    "address": (r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?", _("The address must begin with https://.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One merchant number with one app. Public key and agreements are optional, each whole or not at all."""

    address: str
    merchant: str
    app: str
    certificate_serial: str
    private_key: str = field(repr=False)
    v3_key: str = field(repr=False)
    public_key_id: str = ""
    public_key: str = ""
    plan: str = ""
    v2_key: str = field(default="", repr=False)


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError, naming the first field that cannot be right."""
    typed = {setting.name: given.get(setting.name, "").strip() or setting.default for setting in FIELDS}
    for setting in FIELDS:
        _refuse(setting.name, _("This field is needed."), when=setting.is_required and not typed[setting.name])
    for name, (pattern, sentence) in SHAPES.items():
        _refuse(name, sentence, when=bool(typed[name]) and not re.fullmatch(pattern, typed[name]))
    _readable(typed["private_key"], "private_key", private_key)
    if typed["public_key"]:
        _readable(typed["public_key"], "public_key", public_key)
    is_half = bool(typed["public_key_id"]) != bool(typed["public_key"])
    _refuse("public_key", _("The public key and its ID go together."), when=is_half)
    is_half = bool(typed["plan"]) != bool(typed["v2_key"])
    _refuse("v2_key", _("Deduction agreements need the template and the APIv2 key."), when=is_half)
    return Account(**typed)


@lru_cache(maxsize=64)
def private_key(pem: str) -> RSAPrivateKey:
    """Raises ValueError."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_KEY_BITS:
        raise ValueError("not an RSA key of 2048 bits")
    return key


@lru_cache(maxsize=64)
def public_key(pem: str) -> RSAPublicKey:
    """Raises ValueError."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_KEY_BITS:
        raise ValueError("not an RSA key of 2048 bits")
    return key


def _readable(pem: str, name: str, read: Callable[[str], object]) -> None:
    try:
        read(pem)
    except (ValueError, TypeError) as fault:
        raise ConfigurationError(name, _("This is not an RSA key of at least 2048 bits in PEM form.")) from fault


def _refuse(name: str, sentence: str | Promise, *, when: bool) -> None:
    if when:
        raise ConfigurationError(name, sentence)
