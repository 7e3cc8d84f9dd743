"""Who comes in where: programs by a door of their own, past everything that only people need; kiosks by one and no other."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLResolver, get_resolver
from django.utils import translation

from chuzhi.api import problems
from chuzhi.portal.kiosk import access

FOR_PROGRAMS, FOR_KIOSKS = "/api/", "/kiosk/"


class ProgramsDoor:
    """Hands `/api/` straight to its view. Cookies, sessions, forms and page headers are not for programs, and cost each charge.

    Stands after the middleware that is for everybody. Why, and what it saves: docs/decisions/0020-a-door-for-programs.md.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(FOR_PROGRAMS):
            return self.get_response(request)
        try:
            request.get_host()
        except DisallowedHost:
            return problems.host_unknown(request)
        found = _resolved(get_resolver(), request.path_info)
        request.resolver_match = found
        language = translation.get_language_from_request(request)
        with translation.override(language):  # not the one of a page before, on this thread
            answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        if isinstance(answer, HttpResponse):
            answer.headers.setdefault("Content-Length", str(len(answer.content)))
        return answer


class KioskDoor:
    """A browser that is a kiosk opens the kiosk's pages and nothing else of us, whoever types an address there.

    It looks at the cookie's name only: whether the kiosk is still one is for its pages to say.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_kiosk = bool(request.COOKIES.get(access.COOKIE))
        if is_kiosk and not request.path_info.startswith((FOR_KIOSKS, f"/{settings.STATIC_URL.strip('/')}/")):
            return HttpResponseRedirect(FOR_KIOSKS)
        return self.get_response(request)


@lru_cache(maxsize=1024)
def _resolved(resolver: URLResolver, path: str) -> ResolverMatch:
    """Most charges go to a handful of addresses. What is not found is not kept."""
    return resolver.resolve(path)
