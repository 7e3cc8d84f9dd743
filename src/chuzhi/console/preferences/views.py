from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from chuzhi.organization import staff
from chuzhi.organization.models import Staff

YEAR_SECONDS = 365 * 24 * 60 * 60


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Kept in a cookie, and with somebody who is signed in, whom it follows to other devices."""
    wanted = request.POST.get("language", "")
    if isinstance(request.user, Staff) and wanted in dict(settings.LANGUAGES):
        staff.speak(staff=request.user, language=wanted)
    return set_language(request)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Kept in a cookie, so that the server draws the next page right at once. Anything but light or dark follows the system."""
    return _kept(request, "theme", {"light", "dark"})


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """Kept like the colours. Anything but large is the usual size."""
    return _kept(request, "text", {"large"})


def _kept(request: HttpRequest, name: str, choices: set[str]) -> HttpResponse:
    back, chosen = request.POST.get("next", ""), request.POST.get(name, "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    if chosen in choices:
        response.set_cookie(name, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(name, samesite="Lax")
    return response


for view in (language, theme, text):
    view.public = True  # type: ignore[attr-defined]  # house rule: a view says who may use it
