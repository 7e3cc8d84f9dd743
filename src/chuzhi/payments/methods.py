"""Methods of payment as people call them, by the names that programs and receipts know."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.ledger.chart import Method

LABELS: dict[str, Promise] = {
    "cash": _("Cash"),
    "terminal": _("Card terminal"),
    "bank": _("Bank transfer"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "stripe": _("Stripe"),
    "crypto": _("Virtual currency"),
    "partner": _("Partner"),
}


def name(method: int) -> str:
    """`cash` for Method.CASH."""
    return Method(method).name.lower()


def label(method: int) -> Promise:
    return LABELS[name(method)]
