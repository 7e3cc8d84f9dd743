from django.urls import path

from chuzhi.console.vouchers import counter, online, views

batch = "batches/<int:batch_id>/"

urlpatterns = [
    path("", views.vouchers_page, name="vouchers"),
    path("order/", views.order, name="voucher_order"),
    path("sell/", counter.sell, name="voucher_sell"),
    path("sell/next-buyer/", counter.next_buyer, name="voucher_next_buyer"),
    path("redeem/<int:wallet_id>/", counter.redeem, name="voucher_redeem"),
    path("online/", online.online, name="voucher_online"),
    path("online/<int:offer_id>/stop/", online.stop, name="voucher_online_stop"),
    path("online/<str:number>/", online.order, name="voucher_online_order"),
    path("online/<str:number>/clear/", online.clear, name="voucher_online_clear"),
    path("online/<str:number>/new-codes/", online.new_codes, name="voucher_online_new_codes"),
    path("online/<str:number>/cards/<int:card_id>/give-back/", online.give_back, name="voucher_online_give_back"),
    path("<int:voucher_id>/", views.voucher, name="voucher"),
    path(batch, views.batch, name="voucher_batch"),
    path(f"{batch}print/", views.print_once, name="voucher_print"),
    path(f"{batch}renew/", views.renew, name="voucher_renew"),
    path(f"{batch}send/", views.send, name="voucher_send"),
    path(f"{batch}take-back/", views.take_back, name="voucher_take_back"),
    path(f"{batch}void/", views.void, name="voucher_void"),
    path(f"{batch}count/", views.count, name="voucher_count"),
    path("alarms/<int:alarm_id>/seen/", views.see_alarm, name="voucher_alarm_seen"),
]
