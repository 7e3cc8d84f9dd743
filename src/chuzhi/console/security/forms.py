from typing import Any

from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import RegistrationResponse

from chuzhi.console.session.forms import CredentialField

LONGEST_NAME = 40


def name_field() -> forms.CharField:
    return forms.CharField(label=_("What is it called?"), max_length=LONGEST_NAME)


class AppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """The first code of an authenticator app: it shows that the app holds the secret."""

    code = forms.CharField(
        label=_("The code that the app shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, user: object, secret: str) -> None:
        # Past allauth's own beginning, which would keep the secret in the session as readable text.
        forms.Form.__init__(self, *args)
        self.user, self.secret = user, secret


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # as above
    """What the browser made, and a name to know it by. Always one that may sign in alone: it asks for finger, face or PIN."""

    name = name_field()
    credential = CredentialField(RegistrationResponse)
    passwordless = None

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip()


class NameForm(forms.Form):
    name = name_field()
