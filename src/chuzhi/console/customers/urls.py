from django.urls import path

from chuzhi.console.customers import views

urlpatterns = [
    path("", views.customers_page, name="customers"),
    path("add/", views.add, name="customer_add"),
    path("<int:customer_id>/", views.customer, name="customer"),
    path("<int:customer_id>/edit/", views.edit, name="customer_edit"),
    path("<int:customer_id>/phone/", views.reveal, name="customer_reveal"),
    path("<int:customer_id>/wallets/add/", views.open_wallet, name="customer_open_wallet"),
]
