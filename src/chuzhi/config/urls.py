from django.urls import URLPattern, URLResolver, path

from chuzhi.config import health

urlpatterns: list[URLPattern | URLResolver] = [path("livez", health.alive), path("readyz", health.ready)]
