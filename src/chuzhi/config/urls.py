from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from chuzhi.api import site


def alive(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", alive),
    path("preferences/", include("chuzhi.console.preferences.urls")),
    path("console/", include("chuzhi.console.urls")),
    path("api/v1/", include((site.urls(), "api"))),
]
