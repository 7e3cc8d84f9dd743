"""Choosing one of the shop's own things by its name."""

from typing import Any

from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Worded
from chuzhi.organization import staff
from chuzhi.organization.models import ApiKey, Staff, Store
from chuzhi.wallets.models import Programme


class Named(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Model) -> str:
        return str(getattr(obj, "name", obj))


class Doers(forms.CharField):
    """Who did something, by name or as the log has it (`staff:12`): everybody of that name, people and programs, as labels."""

    def __init__(self) -> None:
        hint = forms.TextInput(attrs={"placeholder": gettext_lazy("Name, or staff:12")})
        super().__init__(label=gettext_lazy("Who did it"), required=False, max_length=60, widget=hint)

    def clean(self, value: Any) -> Any:
        given = str(super().clean(value))
        if not given or ":" in given:
            return (given,) if given else ()
        staff = Staff.objects.filter(Q(username__iexact=given) | Q(name__icontains=given)).values_list("pk", flat=True)
        keys = ApiKey.objects.filter(name__icontains=given).values_list("pk", flat=True)
        found = (*(f"staff:{pk}" for pk in staff), *(f"key:{pk}" for pk in keys))
        if not found:
            raise forms.ValidationError(_("Nobody who works here and no API key has this name."))
        return found


def programme(**more: Any) -> Named:
    """One of the open programmes."""
    return Named(queryset=Programme.objects.filter(is_open=True).order_by("pk"), **more)


def store(**more: Any) -> Named:
    """One of the open stores."""
    return Named(queryset=Store.objects.filter(is_open=True).order_by("code"), **more)


def colleague(**more: Any) -> Named:
    """Somebody who works here now."""
    return Named(queryset=staff.at_work(), **more)


def packs() -> list[tuple[str, str]]:
    """Every rule pack by its name."""
    return [(pack.id, str(Worded(pack.name))) for pack in reading.packs().values()]
