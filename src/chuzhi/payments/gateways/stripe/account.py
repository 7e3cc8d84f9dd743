"""What a merchant tells us of their Stripe account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.payments.gateways.contract import ConfigurationError, Setting

ADDRESS = "https://api.stripe.com"

FIELDS = (
    Setting(
        name="secret_key",
        label=_("Secret key"),
        help=_("Begins with sk_ or rk_. What a restricted key needs is in the handbook, under payment gateways."),
        is_secret=True,
    ),
    Setting(
        name="webhook_secret",
        label=_("Signing secret of the webhook"),
        help=_("Begins with whsec_. Stripe shows it where you enter the address that it shall notify."),
        is_secret=True,
    ),
    Setting(
        name="webhook_secret_before",
        label=_("The signing secret before"),
        help=_("While you roll the secret both are good; leave it empty afterwards."),
        is_secret=True,
        is_required=False,
    ),
    Setting(
        name="merchant",
        label=_("Account id"),
        help=_("Begins with acct_. A notice about another account is not believed."),
    ),
    Setting(name="address", label=_("Address of Stripe"), default=ADDRESS, is_required=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`webhook_secrets`: any of them may have signed a notice."""

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    merchant: str
    address: str = ADDRESS

    @property
    def is_live(self) -> bool:
        return "_live_" in self.secret_key


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError for the first field that cannot be right."""
    secret_key = _matching(
        given, "secret_key", r"[sr]k_(test|live)_\w{8,}", _("A secret key begins with sk_test_, sk_live_ or rk_.")
    )
    wrong_secret = _("A signing secret begins with whsec_.")
    secrets = [_matching(given, "webhook_secret", r"whsec_\S{8,}", wrong_secret)]
    if given.get("webhook_secret_before", "").strip():
        secrets.append(_matching(given, "webhook_secret_before", r"whsec_\S{8,}", wrong_secret))
    return Account(
        secret_key=secret_key,
        webhook_secrets=tuple(secrets),
        merchant=_matching(given, "merchant", r"acct_\w+", _("An account id begins with acct_.")),
        address=_address(given.get("address", "").strip() or ADDRESS),
    )


def _matching(given: Mapping[str, str], name: str, pattern: str, wrong: str | Promise) -> str:
    value = given.get(name, "").strip()
    if not value:
        raise ConfigurationError(name, _("This is needed."))
    if not re.fullmatch(pattern, value):
        raise ConfigurationError(name, wrong)
    return value


def _address(given: str) -> str:
    """Keys travel with every call: unencrypted only to this machine."""
    parts = urlsplit(given)
    is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in ({"http", "https"} if is_here else {"https"}):
        raise ConfigurationError("address", _("The address begins with https:// and names a host."))
    return given.rstrip("/")
