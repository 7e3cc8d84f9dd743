"""allauth as we use it: where it asks what a project does its own way."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console.session import devices
from chuzhi.console.session.attempts import TooManyAttempts
from chuzhi.core import audit
from chuzhi.organization import second_factors, staff
from chuzhi.organization.models import Staff


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up, and somebody who has left gets the answer of a stranger."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TooManyAttempts.message,
        "rate_limited": TooManyAttempts.message,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["chuzhi.console.session.stages.SecondFactor"]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Past the last stage: the session gets a new number, and the log a row."""
        super().login(request, user)
        if isinstance(user, Staff):
            audit.record("session.opened", f"staff:{user.pk}", by=staff.actor_of(user))

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        if isinstance(user, Staff):
            devices.note(request, response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("console:sign_in")

    def add_message(self, *args: object, **kwargs: object) -> None:
        """allauth's own “you have signed in” adds nothing to a page that greets by name."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Secrets are sealed by the vault, and an authenticator lists the shop by its name."""

    error_messages: ClassVar[dict[str, str | Promise]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not right. A code is good for half a minute, and once."),
    }

    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return settings.SHOP_NAME
