import json
import sys

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import can_generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import confirmation
from chuzhi.console.access import SIGNED_IN, StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.security import acts
from chuzhi.console.security.forms import AppForm, NameForm, PasskeyForm
from chuzhi.console.session.adapter import SecondFactorAdapter
from chuzhi.console.session.addresses import next_address
from chuzhi.console.session.devices import called, stay
from chuzhi.core.errors import Refused
from chuzhi.organization import confirmations, devices, passwords, second_factors
from chuzhi.organization.models import Device
from chuzhi.ui import drawing

SECURITY = "console/security/security.html"
APP = "console/security/app.html"
PASSKEY = "console/security/passkey.html"
NAME = "console/security/name.html"
CODES = "console/security/codes.html"
_SECRET = "new_app_secret"  # noqa: S105  # the name of a place in the session


@staff_can(SIGNED_IN, setting_up=True)
@require_safe
def security(request: StaffRequest) -> HttpResponse:
    """What a person signs in with, and where they are signed in."""
    factors = [(factor, _called(factor)) for factor in second_factors.of(request.user)]
    codes = Authenticator.objects.filter(user=request.user, type=second_factors.CODES).first()
    context = {
        "factors": factors,
        "has_app": any(factor.type == second_factors.APP for factor, _name in factors),
        "is_missing": second_factors.is_missing(request.user),
        "needed_from": second_factors.needed_from(request.user),
        "password_set_at": passwords.set_at(request.user),
        "devices": [(one, called(one)) for one in devices.open_of(request.user)],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }
    return render(request, SECURITY, context)


@staff_can(SIGNED_IN, setting_up=True)
@confirmed(confirmations.OWN, opening=True)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("code")
def app(request: StaffRequest) -> HttpResponse:
    """An authenticator app: scan, type a code, done."""
    if second_factors.of(request.user).filter(type=second_factors.APP).exists():
        return redirect("console:security")
    secret = _new_secret(request)
    form = AppForm(*filter(None, [posted(request)]), user=request.user, secret=secret)
    if form.is_valid():
        del request.session[_SECRET]
        return _after(acts.add_app(request, form))
    address = SecondFactorAdapter().build_totp_url(request.user, secret)
    written = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "drawing": drawing.qr(address), "secret": written}
    return render(request, APP, context, status=422 if form.is_bound else 200)


@staff_can(SIGNED_IN, setting_up=True)
@confirmed(confirmations.OWN, opening=True)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("credential")
def passkey(request: StaffRequest) -> HttpResponse:
    """A passkey of this device, a phone or a security key, with a name to know it by."""
    form = PasskeyForm(posted(request), user=request.user, initial={"name": _("My passkey")})
    if form.is_valid():
        credential, name = form.cleaned_data["credential"], form.cleaned_data["name"]
        return _after(acts.add_passkey(request, name=name, credential=credential))
    options = json.dumps(webauthn.begin_registration(request.user, passwordless=True))
    return render(request, PASSKEY, {"form": form, "options": options}, status=422 if form.is_bound else 200)


@staff_can(SIGNED_IN)
@confirmed(confirmations.OWN)
@require_http_methods(["GET", "POST"])
def passkey_name(request: StaffRequest, factor_id: int) -> HttpResponse:
    factor = get_object_or_404(second_factors.of(request.user), pk=factor_id, type=second_factors.PASSKEY)
    form = NameForm(posted(request), initial={"name": factor.wrap().name})
    if form.is_valid():
        acts.rename(request, factor, form.cleaned_data["name"])
        return redirect("console:security")
    return render(request, NAME, {"form": form, "factor": factor}, status=422 if form.is_bound else 200)


@staff_can(SIGNED_IN)
@confirmed(confirmations.OWN)
@require_POST
def remove(request: StaffRequest, factor_id: int) -> HttpResponse:
    factor = get_object_or_404(second_factors.of(request.user), pk=factor_id)
    try:
        acts.remove(request, factor)
        messages.success(request, _("Removed: %(name)s.") % {"name": _called(factor)})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:security")


@staff_can(SIGNED_IN, setting_up=True)
@confirmed(confirmations.OWN, opening=True)
@require_http_methods(["GET", "POST"])
def codes(request: StaffRequest) -> HttpResponse:
    """Recovery codes: shown once. Whoever did not keep them makes new ones, and the old ones are dead."""
    if not can_generate_recovery_codes(request.user):
        return redirect("console:security")
    if request.method == "POST":
        acts.make_codes(request)
        return redirect("console:security_codes")
    held, is_first_look = view_recovery_codes(request)
    shown = held.generate_codes() if held and is_first_look else []
    return render(request, CODES, {"codes": shown})


@staff_can(SIGNED_IN, setting_up=True)
@require_POST
def end(request: StaffRequest, device_id: int) -> HttpResponse:
    """Sign out on one device."""
    device = get_object_or_404(Device.objects.filter(staff=request.user), pk=device_id)
    devices.sign_out(device=device, by=request.actor)
    messages.success(request, _("Signed out there."))
    return redirect("console:security")


@staff_can(SIGNED_IN, setting_up=True)
@require_POST
def end_others(request: StaffRequest) -> HttpResponse:
    person = devices.sign_out_everywhere(staff=request.user, by=request.actor)
    stay(request, person)
    messages.success(request, _("Signed out everywhere but here."))
    return redirect("console:security")


@staff_can(SIGNED_IN, setting_up=True)
@require_http_methods(["GET", "POST"])
def confirm(request: StaffRequest, act: str) -> HttpResponse:
    """For what a script has asked: there one goes back to the page, and presses again."""
    if act not in confirmations.ACTS:
        raise Http404
    return confirmation.asked(request, act, sys.maxsize) or redirect(next_address(request))


def _after(made_codes: bool) -> HttpResponse:  # noqa: FBT001  # one question, one answer
    return redirect("console:security_codes" if made_codes else "console:security")


def _called(factor: Authenticator) -> str:
    return factor.wrap().name if factor.type == second_factors.PASSKEY else _("Authenticator app")


def _new_secret(request: StaffRequest) -> str:
    """One secret while the page is open, however often it is loaded; sealed in the session."""
    if _SECRET not in request.session:
        request.session[_SECRET] = second_factors.seal(generate_totp_secret())
    return second_factors.unseal(request.session[_SECRET])
