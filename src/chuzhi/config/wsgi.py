import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpResponse
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuzhi.config.settings")
django.setup(set_prefix=False)

from chuzhi.config.doors import FOR_PROGRAMS  # noqa: E402  # Django is set up by now

get_resolver().url_patterns  # noqa: B018  # every page is loaded before the first request, which would wait for it


class Handler(WSGIHandler):
    """Django's, with less ceremony for programs: of the signals around a request they need only sound connections."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith(FOR_PROGRAMS):
            return super().__call__(environ, start_response)
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()
        response = self.get_response(self.request_class(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content] if isinstance(response, HttpResponse) else response


application = Handler()
