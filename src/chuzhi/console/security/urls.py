from django.urls import path

from chuzhi.console.security import views

urlpatterns = [
    path("", views.security, name="security"),
    path("app/", views.app, name="security_app"),
    path("passkeys/add/", views.passkey, name="security_passkey"),
    path("passkeys/<int:factor_id>/", views.passkey_name, name="security_passkey_name"),
    path("factors/<int:factor_id>/remove/", views.remove, name="security_remove"),
    path("confirm/<str:act>/", views.confirm, name="confirm"),
    path("devices/others/end/", views.end_others, name="security_end_others"),
    path("devices/<int:device_id>/end/", views.end, name="security_end"),
    path("codes/", views.codes, name="security_codes"),
]
