"""A refusal as a customer reads it: amounts as money, and what they can do about it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused, said

NEXT_STEPS: Mapping[str, Promise] = {
    "limit.per_transaction": _("Enter a smaller amount."),
    "limit.per_day": _("The rest is possible tomorrow."),
    "limit.rolling": _("The rest is possible tomorrow."),
    "limit.balance": _("Enter a smaller amount."),
    "wallet.frozen": _("Ask in a store."),
    "wallet.closed": _("Ask in a store."),
    "programme.closed": _("Ask in a store."),
}


def sentence(no: Refused, currency: str) -> str:
    step = NEXT_STEPS.get(no.code)
    told = said(no, lambda amount: money.text(amount, currency))
    return f"{told} {step}" if step else told
