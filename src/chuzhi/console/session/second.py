"""The second step of signing in, and signing in by passkey alone."""

import json

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chuzhi.console.access import public
from chuzhi.console.session import attempts
from chuzhi.console.session.addresses import next_address
from chuzhi.console.session.forms import PasskeyAloneForm, PasskeyForm, SecondFactorForm
from chuzhi.console.session.stages import SecondFactor
from chuzhi.organization import second_factors
from chuzhi.organization.models import Staff

SECOND = "console/session/second_factor.html"


@public
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("code", "credential")
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """For whoever has given the right password just now: a code, a recovery code or a passkey."""
    stage = LoginStageController.enter(request, SecondFactor.key)
    if stage is None or not isinstance(stage.login.user, Staff) or not stage.login.user.is_active:
        return redirect("console:sign_in")
    person = stage.login.user
    has_passkey = second_factors.of(person).filter(type=second_factors.PASSKEY).exists()
    form, passkey = SecondFactorForm(user=person), PasskeyForm(user=person)
    if request.method == "POST":
        if "credential" in request.POST:
            given = passkey = PasskeyForm(request.POST, user=person)
        else:
            given = form = SecondFactorForm(request.POST, user=person)
        if given.is_valid():
            given.save()
            return stage.exit()  # type: ignore[no-any-return]  # allauth ships no types
    context = {
        "person": person,
        "form": form,
        "passkey": passkey,
        "has_code": second_factors.of(person).filter(type=second_factors.APP).exists(),
        "options": json.dumps(webauthn.begin_authentication(person)) if has_passkey else "",
    }
    return render(request, SECOND, context, status=422 if request.method == "POST" else 200)


@public
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("credential")
@never_cache
def passkey(request: HttpRequest) -> HttpResponse:
    """A passkey alone: it is something one has, opened by something one knows or is. A script asks here for its challenge."""
    if not ratelimit.consume(request, app="allauth.mfa", action="webauthn_login"):
        return HttpResponse(str(attempts.TooManyAttempts()), status=429, content_type="text/plain; charset=utf-8")
    if request.method == "GET":
        return JsonResponse(dict(webauthn.begin_authentication(user=None)))
    form = PasskeyAloneForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This passkey is not known here."))
        return redirect("console:sign_in")
    found = form.cleaned_data["credential"]
    login = Login(user=found.user, redirect_url=next_address(request))
    return flows.perform_passwordless_login(request, found, login)  # type: ignore[no-any-return]  # as above
