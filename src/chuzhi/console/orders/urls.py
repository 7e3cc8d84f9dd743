from django.urls import path

from chuzhi.console.orders import views

urlpatterns = [
    path("", views.orders_page, name="orders"),
    path("reminders/", views.follow_up, name="order_follow_up"),
    path("speed/", views.speed_page, name="order_speed"),
    path("new/<int:wallet_id>/", views.new, name="order_new"),
    path("<str:number>/", views.order, name="order"),
    path("<str:number>/clear/", views.clear, name="order_clear"),
    path("<str:number>/cancel/", views.cancel, name="order_cancel"),
    path("<str:number>/give-back/", views.give_back, name="order_give_back"),
]
