from django.urls import path

from chuzhi.console.drawer import shifts, views

urlpatterns = [
    path("drawer/", views.drawer_page, name="drawer"),
    path("drawer/move/", views.move, name="drawer_move"),
    path("drawer/count/", views.count, name="drawer_count"),
    path("drawer/go-on/", views.go_on, name="drawer_go_on"),
    path("shifts/", shifts.shifts_page, name="shifts"),
    path("shifts/<int:shift_id>/", shifts.shift, name="shift"),
    path("shifts/<int:shift_id>/print/", shifts.paper, name="shift_paper"),
    path("shifts/stores/<int:store_id>/", shifts.keeping, name="cash_keeping"),
]
