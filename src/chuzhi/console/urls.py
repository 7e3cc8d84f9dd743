from django.urls import URLPattern, URLResolver, include, path

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ui/", include("chuzhi.console.showcase.urls")),
]
