from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from chuzhi.core import audit
from chuzhi.organization import staff
from chuzhi.organization.models import Staff


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth as we use it: nobody signs up, and somebody who has left gets the answer of a stranger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Past the last stage: the session gets a new number, and the log a row."""
        super().login(request, user)
        if isinstance(user, Staff):
            audit.record("session.opened", f"staff:{user.pk}", by=staff.actor_of(user))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("console:sign_in")

    def add_message(self, *args: object, **kwargs: object) -> None:
        """allauth's own “you have signed in” adds nothing to a page that greets by name."""
