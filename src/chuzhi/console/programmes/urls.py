from django.urls import path

from chuzhi.console.programmes import views

urlpatterns = [
    path("", views.programmes_page, name="programmes"),
    path("add/", views.add, name="programme_add"),
    path("<int:programme_id>/", views.programme, name="programme"),
    path("<int:programme_id>/terms/", views.revise, name="programme_revise"),
    path("<int:programme_id>/close/", views.close, name="programme_close"),
]
