from django.urls import path

from chuzhi.console.wallets import cards, corrections, disputes, gift_links, gifts, handouts, members, statements, views

urlpatterns = [
    path("", views.wallets_page, name="wallets"),
    path("<int:wallet_id>/", views.entries, name="wallet"),
    path("<int:wallet_id>/lots/", views.lots, name="wallet_lots"),
    path("<int:wallet_id>/statement/", statements.statement, name="wallet_statement"),
    path("<int:wallet_id>/statement.<str:form>", statements.taken_along, name="wallet_statement_file"),
    path("<int:wallet_id>/cards/", views.cards_page, name="wallet_cards"),
    path("<int:wallet_id>/cards/issue/", views.issue, name="wallet_card_issue"),
    path("cards/<int:card_id>/", cards.card, name="wallet_card"),
    path("<int:wallet_id>/freeze/", views.freeze, name="wallet_freeze"),
    path("<int:wallet_id>/reactivate/", views.reactivate, name="wallet_reactivate"),
    path("<int:wallet_id>/unfreeze/", views.unfreeze, name="wallet_unfreeze"),
    path("<int:wallet_id>/close/", views.close, name="wallet_close"),
    path("disputes/<str:operation>/", disputes.dispute, name="wallet_dispute"),
    path("<int:wallet_id>/correct/ask/", corrections.ask, name="wallet_correct_ask"),
    path("<int:wallet_id>/gift/", gifts.gift, name="wallet_gift"),
    path("<int:wallet_id>/gift-links/", gift_links.gift_links_page, name="wallet_gift_links"),
    path("<int:wallet_id>/gift-links/new/", gift_links.new, name="wallet_gift_link_new"),
    path("gift-links/<int:gift_id>/", gift_links.gift_link, name="wallet_gift_link"),
    path("gift-links/<int:gift_id>/withdraw/", gift_links.withdraw, name="wallet_gift_link_withdraw"),
    path("<int:wallet_id>/handouts/", handouts.handouts_page, name="wallet_handouts"),
    path("handouts/<int:handout_id>/", handouts.handout, name="wallet_handout"),
    path("handouts/<int:handout_id>/start/", handouts.start, name="wallet_handout_start"),
    path("handouts/<int:handout_id>/reverse/", handouts.reverse_handout, name="wallet_handout_reverse"),
    path("<int:wallet_id>/members/", members.members_page, name="wallet_members"),
    path("<int:wallet_id>/members/add/", members.add, name="wallet_member_add"),
    path("members/<int:member_id>/", members.member, name="wallet_member"),
    path("members/<int:member_id>/<slug:act>/", members.stand, name="wallet_member_stand"),
    path("<int:wallet_id>/correct/", corrections.correct, name="wallet_correct"),
]
