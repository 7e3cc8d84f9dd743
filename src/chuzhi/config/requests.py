"""A line in the log for each request. Of its address we keep the path, never the query: that carries phones and names."""

import random
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from chuzhi.config import logs


class RequestLog:
    """One line a request, and its number on every line written meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = logs.of_requests()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        clear_contextvars()
        bind_contextvars(request=f"{random.getrandbits(64):016x}")  # a name, no secret
        response = self.get_response(request)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        self.log.info(
            "answered", method=request.method, path=request.path, status=response.status_code, milliseconds=milliseconds
        )
        return response
