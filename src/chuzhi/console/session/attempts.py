"""Trying a username with a password: counted, and answered alike whatever was wrong. A signature takes the second factor, too."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chuzhi.console.session.forms import SecondFactorForm
from chuzhi.core.errors import Refused
from chuzhi.organization import second_factors, staff
from chuzhi.organization.models import Staff


class WrongCredentials(Refused):
    code = "session.wrong_credentials"
    message = _("The username or the password is wrong.")


class TooManyAttempts(Refused):
    code = "session.too_many_attempts"
    message = _("Too many attempts. Wait five minutes and try again.")


class WrongCode(Refused):
    code = "session.wrong_code"
    message = _("The code of their authenticator app is missing, wrong, or was used already.")


class OnlyByPasskey(Refused):
    code = "session.only_by_passkey"
    message = _("They sign with a passkey, which works on their own screen only. Send it for approval.")


def sign(request: HttpRequest, *, username: str, password: str, code: str) -> Staff:
    """Whoever this is, shown by all that they sign in with: an app's code, too, where they have one."""
    found = check(request, username=username, password=password)
    types = set(second_factors.of(found).values_list("type", flat=True))
    if types == {second_factors.PASSKEY}:
        raise OnlyByPasskey
    if types:
        proof = SecondFactorForm({"code": code}, user=found)
        if not proof.is_valid():
            raise WrongCode
        proof.save()
    return found


def check(request: HttpRequest, *, username: str, password: str) -> Staff:
    """Whoever this is. An unknown name, a wrong password and somebody who has left cost one Argon2 hash and one sentence."""
    if not ratelimit.consume(request, action="login"):
        raise TooManyAttempts
    try:
        found = get_adapter(request).authenticate(request, username=staff.normal(username), password=password)
    except ValidationError as limit:  # allauth raises nothing else here: the address or the name has had its tries
        raise TooManyAttempts from limit
    if not isinstance(found, Staff) or not found.is_active:
        raise WrongCredentials
    return found
