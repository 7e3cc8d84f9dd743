from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse
from django.shortcuts import redirect


class SecondFactor(AuthenticateStage):  # type: ignore[misc]  # allauth ships no types
    """Between the password and the session, for whoever has a second factor. Its page is ours."""

    urlname = "console:second_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        return (redirect(self.urlname) if self._should_handle(self.request) else None), True
