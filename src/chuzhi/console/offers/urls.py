from django.urls import path

from chuzhi.console.offers import views

urlpatterns = [
    path("", views.offers_page, name="offers"),
    path("add/", views.add, name="offer_add"),
    path("try/", views.try_out, name="offer_try"),
    path("<int:offer_id>/", views.offer, name="offer"),
    path("<int:offer_id>/change/", views.change, name="offer_change"),
    path("<int:offer_id>/stop/", views.stop, name="offer_stop"),
    path("<int:offer_id>/resume/", views.resume, name="offer_resume"),
]
