from django.urls import path

from chuzhi.console.till import basket_codes, basket_paying, basket_views, bringing_back, counter, slips, views

wallet = "wallets/<int:wallet_id>/"
basket = "baskets/<int:basket_id>/"

urlpatterns = [
    path("", views.till, name="till"),
    path("new/", views.join, name="till_join"),
    path("customers/<int:customer_id>/", views.customer, name="till_customer"),
    path("happened/<str:key>/", views.happened, name="till_happened"),
    path("receipts/<str:operation>/", slips.receipt, name="till_receipt"),
    path("receipts/<str:operation>/print/", slips.paper, name="till_paper"),
    path("baskets/", basket_views.held, name="till_baskets"),
    path("baskets/begin/", basket_views.begin, name="till_basket_begin"),
    path(basket, basket_views.basket, name="till_basket"),
    path(f"{basket}scan/", basket_views.scan, name="till_basket_scan"),
    path(f"{basket}add/", basket_views.add, name="till_basket_add"),
    path(f"{basket}lines/<int:line>/", basket_views.change, name="till_basket_line"),
    path(f"{basket}payer/", basket_views.payer, name="till_basket_payer"),
    path(f"{basket}served/", basket_views.serve, name="till_basket_serve"),
    path(f"{basket}hold/", basket_views.hold, name="till_basket_hold"),
    path(f"{basket}resume/", basket_views.resume, name="till_basket_resume"),
    path(f"{basket}drop/", basket_views.drop, name="till_basket_drop"),
    path(f"{basket}discount/", basket_views.ask_for_discount, name="till_basket_discount"),
    path(f"{basket}return/", bringing_back.bring_back_walkin, name="till_bring_back_walkin"),
    path(f"{basket}returned/<str:key>/", bringing_back.happened, name="till_walkin_happened"),
    path(f"{basket}pay/", basket_paying.pay, name="till_basket_pay"),
    path(f"{basket}code/", basket_codes.code, name="till_basket_code"),
    path(f"{basket}code/look/", basket_codes.look, name="till_basket_code_look"),
    path(f"{basket}code/give-up/", basket_codes.give_up, name="till_basket_code_give_up"),
    path(f"{basket}code/<int:number>/send-back/", basket_codes.send_back, name="till_code_refund"),
    path("going-back/", basket_codes.waiting_to_go_back, name="till_code_refunds"),
    path(f"{basket}happened/<str:key>/", basket_paying.happened, name="till_basket_happened"),
    path(wallet, counter.charge, name="till_wallet"),
    path(f"{wallet}charge/", counter.charge, name="till_charge"),
    path(f"{wallet}top-up/", counter.top_up, name="till_top_up"),
    path(f"{wallet}hold/", counter.hold, name="till_hold"),
    path(f"{wallet}holds/<int:seq>/capture/", counter.capture, name="till_capture"),
    path(f"{wallet}holds/<int:seq>/release/", counter.release, name="till_release"),
    path(f"{wallet}charges/<int:seq>/refund/", counter.refund, name="till_refund"),
    path(f"{wallet}charges/<int:seq>/return/", bringing_back.bring_back, name="till_bring_back"),
    path(f"{wallet}top-ups/<int:seq>/refund/", counter.pay_back, name="till_pay_back"),
]
