"""What names us in an acquirer's settlement file: our merchant number, and which terminals are this merchant's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from chuzhi.payments.gateways.contract import ConfigurationError, Setting

FIELDS = (
    Setting(name="merchant", label=_("Merchant number"), help=_("As it stands on slips and in the settlement file.")),
    Setting(
        name="terminals", label=_("Terminals"), is_required=False,
        help=_("Their numbers, with spaces between. Empty: every terminal that no other acquirer’s account names."),
    ),
)  # fmt: skip
NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")


@dataclass(frozen=True, slots=True)
class Account:
    merchant: str
    terminals: frozenset[str] = frozenset()


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError for a field that cannot be right."""
    merchant, terminals = given.get("merchant", "").strip(), given.get("terminals", "").replace(",", " ").split()
    if not NUMBER.fullmatch(merchant):
        raise ConfigurationError("merchant", _("A merchant number has 1 to 40 letters, digits and hyphens."))
    if not all(NUMBER.fullmatch(each) for each in terminals):
        raise ConfigurationError("terminals", _("A terminal’s number has 1 to 40 letters, digits and hyphens."))
    return Account(merchant, frozenset(terminals))
