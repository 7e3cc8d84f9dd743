from django.urls import path

from chuzhi.console.keys import views

urlpatterns = [
    path("", views.keys_page, name="keys"),
    path("create/", views.create, name="key_create"),
    path("<int:key_id>/rotate/", views.rotate, name="key_rotate"),
    path("<int:key_id>/revoke/", views.revoke, name="key_revoke"),
]
