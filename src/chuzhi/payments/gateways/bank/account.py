"""The account that customers transfer to, as it is shown to them and named in statements."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from chuzhi.payments.gateways.contract import ConfigurationError, Setting

LONGEST = 100

FIELDS = (
    Setting(name="holder", label=_("Account holder"), help=_("As the bank writes it: payers are asked for it.")),
    Setting(name="bank", label=_("Bank and branch")),
    Setting(name="number", label=_("Account number"), help=_("Or IBAN; spaces do not matter.")),
    Setting(name="code", label=_("Bank code"), help=_("CNAPS, SWIFT or sort code, if payers need one."), is_required=False),
)


@dataclass(frozen=True, slots=True)
class Account:
    holder: str
    bank: str
    number: str  # digits and capitals only
    code: str = ""


def parse(given: Mapping[str, str]) -> Account:
    """Raises ConfigurationError for a field that cannot be right."""
    values = {field.name: " ".join(given.get(field.name, "").split()) for field in FIELDS}
    for field in FIELDS:
        if field.is_required and not values[field.name]:
            raise ConfigurationError(field.name, _("This is required."))
        if len(values[field.name]) > LONGEST:
            raise ConfigurationError(field.name, _("This is too long."))
    number = re.sub(r"[ -]", "", values["number"]).upper()
    if not re.fullmatch(r"[0-9A-Z]{6,34}", number):
        raise ConfigurationError("number", _("An account number has 6 to 34 letters and digits."))
    return Account(values["holder"], values["bank"], number, values["code"])
