from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth as we use it: nobody signs up, and somebody who has left gets the answer of a stranger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("console:sign_in")

    def add_message(self, *args: object, **kwargs: object) -> None:
        """allauth's own “you have signed in” adds nothing to a page that greets by name."""
