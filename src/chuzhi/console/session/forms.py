from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chuzhi.organization.models import Store, Till

LONGEST_PASSWORD = 200
"""Argon2 reads every byte it is given: without an end, a password is a way to keep a server busy."""


def password_field(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = password_field(_("Password"), "current-password")


class NewPasswordForm(forms.Form):
    """A password chosen and repeated. Whether it is strong enough is the command's to say."""

    password = password_field(_("Password"), "new-password")
    again = password_field(_("Password, once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "again" in cleaned and cleaned.pop("again") != cleaned.get("password"):
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class WelcomeForm(NewPasswordForm):
    username = forms.CharField(
        label=_("Username"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "username", "password", "again")


class ChangePasswordForm(NewPasswordForm):
    current = password_field(_("Present password"), "current-password")
    field_order = ("current", "password", "again")


class WorkplaceForm(forms.Form):
    """A till, or for those who take no money just a store."""

    store = forms.ModelChoiceField(queryset=Store.objects.none(), required=False)
    till = forms.ModelChoiceField(queryset=Till.objects.none(), required=False)

    def __init__(self, *args: Any, places: QuerySet[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = places  # type: ignore[attr-defined]  # the field is a ModelChoiceField
        self.fields["till"].queryset = Till.objects.filter(store__in=places, is_open=True)  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if till := cleaned.get("till"):
            cleaned["store"] = till.store
        if not self.errors and not cleaned.get("store"):
            self.add_error(None, _("Choose a till or a store."))
        return cleaned
