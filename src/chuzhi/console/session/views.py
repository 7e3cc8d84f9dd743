from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import SIGNED_IN, StaffRequest, posted, public, staff_can, work_at
from chuzhi.console.session import attempts, devices
from chuzhi.console.session.addresses import next_address
from chuzhi.console.session.forms import ChangePasswordForm, SignInForm, WelcomeForm, WorkplaceForm
from chuzhi.core.errors import Refused
from chuzhi.organization import invitations, passwords, staff, stores
from chuzhi.organization.errors import LinkUnusable
from chuzhi.organization.models import Staff, Till
from chuzhi.organization.roles import PARTNER, ROLES

START = "console/session/start.html"
SIGN_IN = "console/session/sign_in.html"
WELCOME = "console/session/welcome.html"
WORKPLACE = "console/session/workplace.html"
PASSWORD = "console/session/password.html"  # noqa: S105  # a template's name


MOST_PLACES = 30
"""Stores listed at once when choosing where to work; whoever has more types a few letters."""


@public
@require_safe
def front(_request: HttpRequest) -> HttpResponse:
    """The bare address: whoever comes by it works here."""
    return redirect("console:start")


@staff_can(SIGNED_IN)
@require_safe
def start(request: StaffRequest) -> HttpResponse:
    """The page after signing in: where to work first, then what this person may do."""
    if request.actor.permissions == ROLES[PARTNER].permissions:
        return redirect("console:agency")
    if request.store is None and request.actor.permissions:
        return redirect("console:workplace")
    return redirect("console:home") if request.actor.permissions else render(request, START)


@public
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Staff):
        return redirect("console:start")
    form, status = SignInForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _enter(request, attempts.check(request, **form.cleaned_data), by="password")
            except Refused as no:
                form.add_error(None, str(no))
                status = 429 if isinstance(no, attempts.TooManyAttempts) else 422
    return render(request, SIGN_IN, {"form": form, "next": next_address(request)}, status=status)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("console:sign_in")


@public
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "again")
@never_cache
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Behind a one-time link: a new colleague chooses a name and a password, a known one comes straight in."""
    try:
        invitation = invitations.find(token)
        if invitation.staff is not None:
            if request.method == "POST":
                return _enter(request, invitations.redeem(token=token), by="link")
            return render(request, WELCOME, {"person": invitation.staff})
        form = WelcomeForm(posted(request), initial={"name": invitation.name, "username": invitation.username})
        if form.is_valid():
            try:
                person = invitations.accept(token=token, language=translation.get_language(), **form.cleaned_data)
                return _enter(request, person, by="link")
            except ValidationError as weak:
                form.add_error("password", weak)
            except LinkUnusable:
                raise
            except Refused as no:
                form.add_error("username", str(no))
        return render(request, WELCOME, {"form": form}, status=422 if form.is_bound else 200)
    except LinkUnusable as no:
        return render(request, WELCOME, {"refusal": str(no)}, status=410)


@staff_can(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def workplace(request: StaffRequest) -> HttpResponse:
    """Choose the store and the till to work at."""
    places = stores.workplaces(request.user)
    form = WorkplaceForm(posted(request), places=places)
    if form.is_valid():
        work_at(request, form.cleaned_data["store"], form.cleaned_data["till"])
        return redirect(next_address(request))
    find = request.GET.get("find", "")
    shown = stores.matching(places, find).prefetch_related(
        Prefetch("tills", Till.objects.filter(is_open=True).order_by("name"))
    )
    context = {"places": shown[:MOST_PLACES], "find": find, "form": form, "next": next_address(request)}
    return render(request, WORKPLACE, context, status=422 if form.is_bound else 200)


@staff_can(SIGNED_IN, setting_up=True)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("current", "password", "again")
def password(request: StaffRequest) -> HttpResponse:
    form = ChangePasswordForm(posted(request))
    if form.is_valid():
        try:
            attempts.check(request, username=request.user.username, password=form.cleaned_data["current"])
            person = staff.change_password(staff=request.user, password=form.cleaned_data["password"], by=request.actor)
            devices.stay(request, person)
            messages.success(request, _("Your password is changed. Your other devices are signed out."))
            return redirect("console:start")
        except ValidationError as weak:
            form.add_error("password", weak)
        except Refused as no:
            form.add_error("current", str(no))
    context = {"form": form, "is_too_old": passwords.is_too_old(request.user)}
    return render(request, PASSWORD, context, status=422 if form.is_bound else 200)


def _enter(request: HttpRequest, person: Staff, *, by: str) -> HttpResponse:
    """Through allauth, where the second factor stands; it gives the session a new number."""
    record_authentication(request, person, method=by)
    response: HttpResponse = perform_login(request, person, redirect_url=next_address(request))
    return response
