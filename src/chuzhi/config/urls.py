from django.urls import URLPattern, URLResolver, include, path

from chuzhi.api import site
from chuzhi.console.session import views as session

urlpatterns: list[URLPattern | URLResolver] = [
    path("", session.front),
    path("preferences/", include("chuzhi.console.preferences.urls")),
    path("console/", include("chuzhi.console.urls")),
    path("pay/", include("chuzhi.portal.urls")),
    path("kiosk/", include("chuzhi.portal.kiosk.urls")),
    path("api/notices/", include("chuzhi.api.notices")),
    path("api/v1/", include((site.urls(), "api"))),
]
