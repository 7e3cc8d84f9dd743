"""Choosing one of the shop's own things by its name."""

from typing import Any

from django import forms
from django.db.models import Model

from chuzhi.organization.models import Store
from chuzhi.wallets.models import Programme


class Named(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Model) -> str:
        return str(getattr(obj, "name", obj))


def programme(**more: Any) -> Named:
    """One of the open programmes."""
    return Named(queryset=Programme.objects.filter(is_open=True).order_by("pk"), **more)


def store(**more: Any) -> Named:
    """One of the open stores."""
    return Named(queryset=Store.objects.filter(is_open=True).order_by("code"), **more)
