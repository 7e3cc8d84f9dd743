"""A browser becomes a kiosk, by a code that opens once, and stops being one when it was revoked."""

from allauth.core.internal import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.core.errors import Refused
from chuzhi.kiosk import kiosks
from chuzhi.portal.access import for_anybody
from chuzhi.portal.kiosk import access
from chuzhi.portal.kiosk.forms import OpenForm

OPEN = "portal/kiosk/open.html"
MOST_TRIES = "30/10m/ip"


@for_anybody
@never_cache
@require_http_methods(["GET", "POST"])
def opening(request: HttpRequest, code: str = "") -> HttpResponse:
    """Looking at the link does not use it up. Whoever was signed in on this browser is signed out: it is a kiosk now."""
    form = OpenForm(request.POST if request.method == "POST" else {"code": code} if code else None)
    kiosk = None
    if form.is_bound:
        if not ratelimit.consume(request, app="chuzhi.kiosk", action="open", config={"open": MOST_TRIES}, limit_get=True):
            return render(request, OPEN, {"form": OpenForm(), "is_stopped": True}, status=429)
        if form.is_valid():
            try:
                kiosk = kiosks.find(form.cleaned_data["code"])
                if request.method == "POST":
                    return _open(request, form.cleaned_data["code"])
            except Refused as no:
                form.add_error("code", str(no))
    status = 422 if form.is_bound and not kiosk else 200
    return render(request, OPEN, {"form": form, "kiosk": kiosk, "code": form.data.get("code", "")}, status=status)


@for_anybody
@never_cache
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """A browser whose kiosk is gone is an ordinary one again."""
    known = kiosks.known(request.COOKIES.get(access.COOKIE, "")[:100])
    response = redirect(access.START)
    if known is None or known.revoked_at:
        response.delete_cookie(access.COOKIE, samesite="Strict")
    return response


def _open(request: HttpRequest, code: str) -> HttpResponse:
    _kiosk, credential = kiosks.open_with(code=code)
    logout(request)
    return access.remember(redirect(access.START), credential)
