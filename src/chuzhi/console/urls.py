from django.urls import URLPattern, URLResolver, include, path

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("chuzhi.console.session.urls")),
    path("team/", include("chuzhi.console.team.urls")),
    path("stores/", include("chuzhi.console.stores.urls")),
    path("keys/", include("chuzhi.console.keys.urls")),
    path("year/", include("chuzhi.console.year.urls")),
    path("till/", include("chuzhi.console.till.urls")),
    path("customers/", include("chuzhi.console.customers.urls")),
    path("wallets/", include("chuzhi.console.wallets.urls")),
    path("programmes/", include("chuzhi.console.programmes.urls")),
    path("search/", include("chuzhi.console.search.urls")),
    path("home/", include("chuzhi.console.board.urls")),
    path("imports/", include("chuzhi.console.imports.urls")),
    path("ui/", include("chuzhi.console.showcase.urls")),
]
