from django.urls import path

from chuzhi.console.privacy import views

urlpatterns = [
    path("", views.kinds, name="retention"),
    path("<str:name>/", views.kind, name="retention_kind"),
    path("<str:name>/try/", views.try_out, name="retention_try"),
]
