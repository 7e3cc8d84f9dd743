from django.urls import path

from chuzhi.console.mandates import views

urlpatterns = [
    path("", views.mandates_page, name="mandates"),
    path("<str:number>/", views.mandate, name="mandate"),
    path("<str:number>/act/", views.act, name="mandate_act"),
]
