from django.urls import path

from chuzhi.console.sales import views

urlpatterns = [
    path("of/<int:customer_id>/", views.trail, name="sales_of"),
    path("<str:operation>/", views.sale, name="sale"),
]
