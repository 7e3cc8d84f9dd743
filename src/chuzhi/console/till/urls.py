from django.urls import path

from chuzhi.console.till import counter, slips, views

wallet = "wallets/<int:wallet_id>/"

urlpatterns = [
    path("", views.till, name="till"),
    path("new/", views.join, name="till_join"),
    path("customers/<int:customer_id>/", views.customer, name="till_customer"),
    path("happened/<str:key>/", views.happened, name="till_happened"),
    path("receipts/<str:operation>/", slips.receipt, name="till_receipt"),
    path("receipts/<str:operation>/print/", slips.paper, name="till_paper"),
    path(wallet, counter.charge, name="till_wallet"),
    path(f"{wallet}charge/", counter.charge, name="till_charge"),
    path(f"{wallet}top-up/", counter.top_up, name="till_top_up"),
    path(f"{wallet}hold/", counter.hold, name="till_hold"),
    path(f"{wallet}holds/<int:seq>/capture/", counter.capture, name="till_capture"),
    path(f"{wallet}holds/<int:seq>/release/", counter.release, name="till_release"),
    path(f"{wallet}charges/<int:seq>/refund/", counter.refund, name="till_refund"),
    path(f"{wallet}top-ups/<int:seq>/refund/", counter.pay_back, name="till_pay_back"),
]
