from django.urls import path

from chuzhi.console.board import glance, views

urlpatterns = [
    path("home/", views.home, name="home"),
    path("board/", glance.board_page, name="board"),
    path("board/float/", glance.float_page, name="board_float"),
    path("board/entries/", glance.entries_page, name="board_entries"),
    path("board/proof/", glance.proof_page, name="board_proof"),
]
