"""Figures in templates: amounts of any asset (`{{ amount|worth:asset }}`), lengths of time, shares; what a method of payment is called."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chuzhi.console import values
from chuzhi.payments import methods

register = template.Library()


@register.filter
def worth(amount: int | None, asset: str) -> str:
    return "" if amount is None else values.text(amount, asset)


@register.filter
def worth_signed(amount: int | None, asset: str) -> str:
    return "" if amount is None else values.signed(amount, asset)


@register.filter
def figure(amount: int, asset: str) -> str:
    """A bare number, for what is drawn and not read."""
    return values.plain(amount, asset)


@register.filter
def paid_by(method: str) -> Promise:
    return methods.LABELS[method]


@register.filter
def took(seconds: float) -> str:
    """In the unit that reads best, with one figure behind the point where it says something."""
    for unit, said in ((86_400, _("%(count)s d")), (3_600, _("%(count)s h")), (60, _("%(count)s min")), (1, _("%(count)s s"))):
        if seconds >= unit or unit == 1:
            return said % {"count": f"{seconds / unit:.1f}".removesuffix(".0")}
    return ""


@register.filter
def percent(hundredths: int) -> str:
    """From hundredths of a percent."""
    return f"{hundredths / 100:.1f} %"
