"""Choosing one of the shop's own things by its name."""

from typing import TypeVar

from django import forms
from django.db.models import Model

from chuzhi.organization.models import Store
from chuzhi.wallets.models import Programme

M = TypeVar("M", bound=Model)


class Named(forms.ModelChoiceField[M]):
    """Shows names and is given its rows when the form is made, so that what opened a moment ago is there."""

    def label_from_instance(self, obj: Model) -> str:
        return str(getattr(obj, "name", obj))


def programme(**more: object) -> Named[Programme]:
    """One of the open programmes."""
    return Named(queryset=Programme.objects.filter(is_open=True).order_by("pk"), **more)  # type: ignore[arg-type]  # what a field takes


def store(**more: object) -> Named[Store]:
    """One of the open stores."""
    return Named(queryset=Store.objects.filter(is_open=True).order_by("code"), **more)  # type: ignore[arg-type]  # what a field takes
