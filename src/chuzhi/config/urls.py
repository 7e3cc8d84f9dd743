from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from chuzhi.api import site
from chuzhi.console.access import public

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public(RedirectView.as_view(pattern_name="console:start"))),
    path("preferences/", include("chuzhi.console.preferences.urls")),
    path("console/", include("chuzhi.console.urls")),
    path("api/v1/", include((site.urls(), "api"))),
]
