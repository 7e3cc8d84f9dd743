"""For whoever watches the machine: is this process alive, and can it serve."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse


class Probes:
    """Answers `/livez` and `/readyz` before anything else looks: probes come by address, without TLS, and every few seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return _said("ok")
        if request.path == "/readyz":
            return _ready()
        return self.get_response(request)


def _ready() -> HttpResponse:
    """The database answers this process, as the role it has in a shop."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return _said("the database does not answer", status=503)
    return _said("ok")


def _said(line: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{line}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
