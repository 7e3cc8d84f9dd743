from django.urls import path

from chuzhi.console.agency import views

urlpatterns = [
    path("", views.counter, name="agency"),
    path("top-up/<str:key>/", views.top_up, name="agency_top_up"),
    path("cards/<str:number>/", views.card, name="agency_card"),
    path("receipts/<str:operation>/", views.receipt, name="agency_receipt"),
    path("account/", views.account, name="agency_account"),
    path("statements/<int:number>/", views.statement, name="agency_statement"),
    path("statements/<int:number>/answer/", views.answer, name="agency_answer"),
]
