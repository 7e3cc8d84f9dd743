"""Programs come in by a door of their own, past everything that only people need."""

from collections.abc import Callable
from functools import lru_cache

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLResolver, get_resolver
from django.utils import translation

from chuzhi.api import problems

FOR_PROGRAMS = "/api/"


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
        with translation.override(
            translation.get_language_from_request(request)
        ):  # not the one of a page before, on this thread
            answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        if isinstance(answer, HttpResponse):
            answer.headers.setdefault("Content-Length", str(len(answer.content)))
        return answer


@lru_cache(maxsize=1024)
def _resolved(resolver: URLResolver, path: str) -> ResolverMatch:
    """Most charges go to a handful of addresses. What is not found is not kept."""
    return resolver.resolve(path)
