from django.urls import URLPattern, URLResolver, include, path

from chuzhi.api import site
from chuzhi.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.alive),
    path("readyz", health.ready),
    path("preferences/", include("chuzhi.console.preferences.urls")),
    path("console/", include("chuzhi.console.urls")),
    path("api/v1/", include((site.urls(), "api"))),
]
