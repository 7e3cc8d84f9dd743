"""A line in the log for each request. Of its address we keep the path, never the query: that carries phones and names."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

_log = structlog.stdlib.get_logger("chuzhi.request")


class RequestLog:
    """One line a request, and its number on every line written meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=str(uuid.uuid4())):
            response = self.get_response(request)
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            _log.info(
                "answered", method=request.method, path=request.path, status=response.status_code, milliseconds=milliseconds
            )
        return response
