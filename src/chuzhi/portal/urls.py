from django.urls import path

from chuzhi.portal.automatic import views as automatic
from chuzhi.portal.cards import applying, buying, looking, losing
from chuzhi.portal.gifts import views as gifts
from chuzhi.portal.recharge import views as recharge

app_name = "portal"
urlpatterns = [
    path("top-up/<str:token>/", recharge.amount, name="top_up"),
    path("top-up/<str:token>/automatic/", automatic.agree, name="agree"),
    path("top-up/<str:token>/lost-card/", losing.lost, name="lost_card"),
    path("automatic/<str:number>/", automatic.mandate, name="mandate"),
    path("automatic/<str:number>/stop", automatic.stop, name="mandate_stop"),
    path("cards/", buying.buy, name="cards"),
    path("cards/order/<str:number>/", buying.order, name="card_order"),
    path("cards/order/<str:number>/state", buying.state, name="card_order_state"),
    path("cards/order/<str:number>/codes", buying.codes, name="card_order_codes"),
    path("apply/", applying.apply, name="apply"),
    path("apply/<str:number>/", applying.status, name="application"),
    path("card-balance/", looking.balance, name="card_balance"),
    path("gift/<str:token>/", gifts.gift, name="gift"),
    path("order/<str:number>/", recharge.order, name="order"),
    path("order/<str:number>/receipt/", recharge.receipt, name="order_receipt"),
    path("order/<str:number>/receipt.pdf", recharge.receipt_file, name="order_receipt_file"),
    path("order/<str:number>/state", recharge.state, name="order_state"),
]
