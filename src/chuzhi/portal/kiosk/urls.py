from django.urls import path

from chuzhi.portal.kiosk import account, opening, topping_up, visiting

app_name = "kiosk"
urlpatterns = [
    path("", visiting.start, name="start"),
    path("open/", opening.opening, name="open"),
    path("open/<str:code>/", opening.opening, name="open_with"),
    path("release", opening.release, name="release"),
    path("language", visiting.language, name="language"),
    path("stay", visiting.stay, name="stay"),
    path("finish", visiting.finish, name="finish"),
    path("card/<str:service>/", visiting.card, name="card"),
    path("proof/", visiting.proof, name="proof"),
    path("proof/sent/", visiting.proof, name="proof_sent"),
    path("account/", account.account, name="account"),
    path("statement/", account.statement, name="statement"),
    path("loss/", account.loss, name="loss"),
    path("top-up/", topping_up.top_up, name="top_up"),
    path("order/", topping_up.order, name="order"),
    path("order/state", topping_up.state, name="order_state"),
]
