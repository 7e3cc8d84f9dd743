from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import formfields
from chuzhi.console.choices import Named
from chuzhi.core.actors import Actor
from chuzhi.kiosk.models import Kiosk
from chuzhi.kiosk.rules import LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS
from chuzhi.organization import stores
from chuzhi.organization.models import Store


class KioskForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"), max_length=40, help_text=_("Where it stands, such as “By the door”.")
    )
    services = forms.MultipleChoiceField(
        label=_("What it offers"), widget=forms.CheckboxSelectMultiple, choices=Kiosk.Service.choices,
        initial=Kiosk.Service.values,
    )  # fmt: skip
    idle_seconds = forms.IntegerField(
        label=_("Seconds without a touch until the screen is cleared"), min_value=LEAST_IDLE_SECONDS, max_value=MOST_IDLE_SECONDS,
        initial=60, help_text=_("The countdown is always shown. Whoever reads slowly needs more."),
    )  # fmt: skip


class AddKioskForm(KioskForm):
    store = Named(label=_("Store"), queryset=Store.objects.none())
    field_order = ("store", "name", "services", "idle_seconds")

    def __init__(self, *args: Any, by: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        mine = stores.visible_to(by).filter(is_open=True)
        formfields.named(self, "store", forms.ModelChoiceField).queryset = mine
        if len(only := mine[:2]) == 1:
            self.fields["store"].initial = only[0].pk
