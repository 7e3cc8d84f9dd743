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
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    chosen = request.POST.get("theme")
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


language.public = True  # type: ignore[attr-defined]  # house rule: a view says who may use it
theme.public = True  # type: ignore[attr-defined]  # as above
