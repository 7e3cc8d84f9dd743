from django.urls import path

from chuzhi.console.payments import accounts, views

urlpatterns = [
    path("", views.payments_page, name="payments"),
    path("incidents/", views.incidents_page, name="payment_incidents"),
    path("incidents/<int:incident_id>/", views.incident, name="payment_incident"),
    path("accounts/", accounts.accounts_page, name="payment_accounts"),
    path("accounts/add/<slug:gateway>/", accounts.add, name="payment_account_add"),
    path("accounts/<int:account_id>/", accounts.account, name="payment_account"),
    path("accounts/<int:account_id>/stand/", accounts.stand, name="payment_account_stand"),
    path("<str:number>/", views.payment, name="payment"),
    path("<str:number>/ask/", views.ask, name="payment_ask"),
]
