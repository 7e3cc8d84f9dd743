"""Amounts of whatever a wallet holds (money, points, visits), as people read them, type them and are refused them."""

import unicodedata
from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chuzhi.core import money
from chuzhi.core.errors import Refused, said
from chuzhi.ledger.assets import POINTS
from chuzhi.ui.templatetags import ui

NEXT_STEPS: Mapping[str, Promise] = {
    "wallet.not_enough": _("Top up first, charge less, or take a part of it otherwise."),
    "wallet.held_for_refund": _("The refund has to be withdrawn or decided first."),
    "wallet.frozen": _("A manager can unfreeze it."),
    "wallet.closed": _("Open a new wallet for this customer."),
    "limit.per_transaction": _("Enter a smaller amount."),
    "limit.per_day": _("The rest is possible tomorrow."),
    "limit.balance": _("Enter a smaller amount."),
    "wallet.not_here": _("Ask which stores take it."),
    "programme.closed": _("What is in the wallet can still be spent."),
    "offer.changed": _("Tell the customer, then confirm again."),
    "refund.too_large": _("Enter what is left or less."),
    "hold.ended": _("Charge the wallet instead."),
    "idempotency.key_reused": _("Look at the latest entries before you start again."),
}
"""What the person at the counter can do about a refusal."""


def is_money(asset: str) -> bool:
    return asset != POINTS and not asset.startswith("VISITS:")


def text(amount: int, asset: str) -> str:
    """`¥123.45`, `300 points`, `9 visits`; with a true minus sign."""
    if is_money(asset):
        return ui.money(amount, asset)
    figure = f"{amount:,}".replace("-", ui.MINUS)
    if asset == POINTS:
        return ngettext("%(figure)s point", "%(figure)s points", amount) % {"figure": figure}
    return ngettext("%(figure)s visit", "%(figure)s visits", amount) % {"figure": figure}


def signed(amount: int, asset: str) -> str:
    return f"+{text(amount, asset)}" if amount > 0 else text(amount, asset)


def plain(amount: int, asset: str) -> str:
    """For the value of an input: `123.45`, `9`."""
    return money.plain(amount, asset) if is_money(asset) else str(amount)


def parse(given: str, asset: str) -> int:
    """The smallest units of the asset from what a person typed, full-width digits too."""
    if is_money(asset):
        return money.parse(given, asset)
    folded = unicodedata.normalize("NFKC", given).strip()
    if not (folded.isascii() and folded.isdigit() and len(folded) <= 15):
        raise money.NotAnAmount(given=given[:40])
    return money.check(int(folded))


def sentence(no: Refused, asset: str) -> str:
    """A refusal as it is read at the counter: amounts with their currency, and what can be done about it."""
    sentence, step = said(no, lambda amount: text(amount, asset)), NEXT_STEPS.get(no.code)
    return f"{sentence} {step}" if step else sentence


class AmountField(forms.CharField):
    """Typed as people type; cleaned to the smallest units of the asset that the form's wallet holds."""

    def __init__(self, *, asset: str, **more: object) -> None:
        super().__init__(max_length=40, **more)  # type: ignore[arg-type]  # what CharField takes
        self.asset = asset

    def clean(self, value: object) -> int | None:
        given = super().clean(value)
        if not given:
            return None
        try:
            return parse(given, self.asset)
        except Refused as no:
            raise ValidationError(str(no), code=no.code) from no
