from django.urls import path

from chuzhi.console.refunds import filing, views

urlpatterns = [
    path("", views.requests_page, name="refund_requests"),
    path("wallets/<int:wallet_id>/", filing.calculate, name="refund_calculate"),
    path("wallets/<int:wallet_id>/ask/", filing.ask, name="refund_ask"),
    path("<int:request_id>/", views.request_page, name="refund_request"),
    path("<int:request_id>/approve/", views.approve, name="refund_approve"),
    path("<int:request_id>/refuse/", views.refuse, name="refund_refuse"),
    path("<int:request_id>/withdraw/", views.withdraw, name="refund_withdraw"),
    path("<int:request_id>/pay/", views.pay, name="refund_pay"),
    path("<int:request_id>/documents/<int:document_id>/", views.document, name="refund_document"),
]
