import struct
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from chuzhi.console import formfields
from chuzhi.organization.models import Store, Till

LONGEST_PASSWORD = 200
"""Argon2 reads every byte it is given: without an end, a password is a way to keep a server busy."""

CODE_SECONDS = 120
"""How long a code is remembered as used: longer than the clock's tolerance lets it be right."""


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


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code of the authenticator app, or a recovery code; each good once."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits your authenticator app shows, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if not cache.add(f"second-factor-used:{self.user.pk}:{normalize_user_code(code)}", 1, CODE_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PresentPasswordForm(forms.Form):
    """The password of whoever is signed in, once more."""

    proof = password_field(_("Your password"), "current-password")


class CredentialField(forms.JSONField):
    """What a browser answers about a passkey. allauth trusts its shape, and a stranger may send any."""

    widget = forms.HiddenInput

    def __init__(self, shape: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__()
        self.shape = shape

    def clean(self, value: Any) -> Any:
        given = super().clean(value)
        try:
            self.shape.from_dict(given)
        except (TypeError, ValueError, LookupError, AttributeError, struct.error) as unreadable:
            raise get_adapter().validation_error("incorrect_code") from unreadable
        return given


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey as a second step, of a person who is known."""

    credential = CredentialField(AuthenticationResponse)


class PasskeyAloneForm(LoginWebAuthnForm):  # type: ignore[misc]  # as above
    """A passkey that says itself whose it is."""

    credential = CredentialField(AuthenticationResponse)


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
        formfields.named(self, "store", forms.ModelChoiceField).queryset = places
        formfields.named(self, "till", forms.ModelChoiceField).queryset = Till.objects.filter(store__in=places, is_open=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if till := cleaned.get("till"):
            cleaned["store"] = till.store
        if not self.errors and not cleaned.get("store"):
            self.add_error(None, _("Choose a till or a store."))
        return cleaned
