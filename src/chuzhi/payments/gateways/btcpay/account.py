"""What a merchant tells us of their BTCPay server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chuzhi.payments.gateways.btcpay import risk
from chuzhi.payments.gateways.contract import ConfigurationError, Setting

PAYOUT_METHOD = "BTC-CHAIN"

FIELDS = (
    Setting(name="address", label=_("Address of the BTCPay server"), help=_("Your own server, version 2.0 or newer.")),
    Setting(
        name="store", label=_("Store id"), help=_("On the server: Settings, General. Notices of another store are refused.")
    ),
    Setting(
        name="api_key",
        label=_("API key"),
        help=_("With the right to view, create and modify invoices, and to manage pull payments."),
        is_secret=True,
    ),
    Setting(name="webhook_secret", label=_("Secret of the webhook"), is_secret=True),
    Setting(
        name="webhook_secret_before",
        label=_("The secret before"),
        help=_("While you change the secret both are good; leave it empty afterwards."),
        is_secret=True,
        is_required=False,
    ),
    Setting(
        name="payout_method",
        label=_("Refunds are paid by"),
        help=_("The server's name for the way, such as BTC-CHAIN or BTC-LN."),
        default=PAYOUT_METHOD,
        is_required=False,
    ),
    Setting(
        name="risk_accepted",
        label=_("I have read the risks, and say “yes”"),
        help=format_lazy("{} {} {} {} {}", *risk.TEXT),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    address: str
    store: str
    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    payout_method: str = PAYOUT_METHOD


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError for the first field that cannot be right."""
    if given.get("risk_accepted", "").strip().lower() != "yes":
        raise ConfigurationError(
            "risk_accepted", _("Virtual currency stays off until somebody has read the risks and says “yes”.")
        )
    secrets = [_secret(given.get("webhook_secret", ""))]
    if given.get("webhook_secret_before", "").strip():
        secrets.append(_secret(given["webhook_secret_before"]))
    return Account(
        address=_address(given.get("address", "").strip()),
        store=_matching(given, "store", r"[A-Za-z0-9]{8,64}", _("A store id has letters and digits only.")),
        api_key=_matching(given, "api_key", r"[A-Za-z0-9]{8,128}", _("An API key has letters and digits only.")),
        webhook_secrets=tuple(secrets),
        payout_method=_payout_method(given.get("payout_method", "").strip() or PAYOUT_METHOD),
    )


def _matching(given: Mapping[str, str], name: str, pattern: str, wrong: str | Promise) -> str:
    value = given.get(name, "").strip()
    if not re.fullmatch(pattern, value):
        raise ConfigurationError(name, wrong if value else _("This is needed."))
    return value


def _payout_method(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{2,40}", given):
        raise ConfigurationError("payout_method", _("This is no name of a way to pay."))
    return given


def _secret(given: str) -> str:
    secret = given.strip()
    if len(secret) < 8:
        raise ConfigurationError("webhook_secret", _("The secret has at least 8 characters."))
    return secret


def _address(given: str) -> str:
    """The key travels with every call: unencrypted only to this machine."""
    parts = urlsplit(given)
    is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in ({"http", "https"} if is_here else {"https"}):
        raise ConfigurationError("address", _("The address begins with https:// and names a host."))
    return given.rstrip("/")
