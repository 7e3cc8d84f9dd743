from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.console import formfields
from chuzhi.core.actors import Actor
from chuzhi.organization import stores
from chuzhi.organization.keys import SCOPES
from chuzhi.organization.models import Store


class KeyForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=80,
        help_text=_("Which program will use it, so that you know it again."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, scope.label) for name, scope in SCOPES.items()],
    )
    store = forms.ModelChoiceField(
        label=_("Where"), queryset=Store.objects.none(), required=False, empty_label=_("All stores"), to_field_name="code"
    )
    last_day = forms.DateField(
        label=_("Good until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for a key without an end."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formfields.named(self, "store", forms.ModelChoiceField).queryset = stores.visible_to(by)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["expires_at"] = None
        if last_day := cleaned.pop("last_day", None):
            cleaned["expires_at"] = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time.min))
            if cleaned["expires_at"] <= timezone.now():
                self.add_error("last_day", _("This day is over."))
        return cleaned
