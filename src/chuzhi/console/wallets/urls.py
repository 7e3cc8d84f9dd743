from django.urls import path

from chuzhi.console.wallets import corrections, disputes, views

urlpatterns = [
    path("", views.wallets_page, name="wallets"),
    path("<int:wallet_id>/", views.entries, name="wallet"),
    path("<int:wallet_id>/lots/", views.lots, name="wallet_lots"),
    path("<int:wallet_id>/cards/", views.cards_page, name="wallet_cards"),
    path("<int:wallet_id>/cards/issue/", views.issue, name="wallet_card_issue"),
    path("cards/<int:card_id>/lost/", views.lost, name="wallet_card_lost"),
    path("<int:wallet_id>/freeze/", views.freeze, name="wallet_freeze"),
    path("<int:wallet_id>/unfreeze/", views.unfreeze, name="wallet_unfreeze"),
    path("<int:wallet_id>/close/", views.close, name="wallet_close"),
    path("disputes/<str:operation>/", disputes.dispute, name="wallet_dispute"),
    path("<int:wallet_id>/correct/", corrections.correct, name="wallet_correct"),
]
