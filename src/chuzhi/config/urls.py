from django.urls import URLPattern, URLResolver, include, path

from chuzhi.api import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("preferences/", include("chuzhi.console.preferences.urls")),
    path("console/", include("chuzhi.console.urls")),
    path("api/v1/", include((site.urls(), "api"))),
]
