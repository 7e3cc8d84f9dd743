from django.urls import path

from chuzhi.console.limits import applications, views

urlpatterns = [
    path("", views.limits_page, name="limits"),
    path("set/", views.set_limit, name="limit_set"),
    path("<int:limit_id>/lift/", views.lift, name="limit_lift"),
    path("wallets/<int:wallet_id>/", views.wallet_limits, name="wallet_limits"),
    path("wallets/<int:wallet_id>/tier/", views.tier, name="wallet_tier"),
    path("wallets/<int:wallet_id>/raise/", applications.apply, name="raise_apply"),
    path("raises/", applications.raises_page, name="raises"),
    path("raises/<int:raise_id>/", applications.application, name="raise"),
    path("raises/<int:raise_id>/grant/", applications.grant, name="raise_grant"),
    path("raises/<int:raise_id>/refuse/", applications.refuse, name="raise_refuse"),
    path("raises/<int:raise_id>/withdraw/", applications.withdraw, name="raise_withdraw"),
    path("raises/<int:raise_id>/documents/<int:document_id>/", applications.document, name="raise_document"),
]
