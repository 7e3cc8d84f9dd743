"""Amounts of any asset in templates: `{{ amount|worth:asset }}`, `{{ amount|worth_signed:asset }}`."""

from django import template

from chuzhi.console import values

register = template.Library()


@register.filter
def worth(amount: int | None, asset: str) -> str:
    return "" if amount is None else values.text(amount, asset)


@register.filter
def worth_signed(amount: int | None, asset: str) -> str:
    return "" if amount is None else values.signed(amount, asset)
