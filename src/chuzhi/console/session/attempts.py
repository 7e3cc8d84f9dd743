"""Trying a username with a password: counted, and answered alike whatever was wrong."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused
from chuzhi.organization import staff
from chuzhi.organization.models import Staff


class WrongCredentials(Refused):
    code = "session.wrong_credentials"
    message = _("The username or the password is wrong.")


class TooManyAttempts(Refused):
    code = "session.too_many_attempts"
    message = _("Too many attempts. Wait five minutes and try again.")


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
