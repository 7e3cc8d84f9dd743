from django.urls import path

from chuzhi.console.credits import views

urlpatterns = [
    path("", views.credits_page, name="credits"),
    path("<int:batch_id>/", views.batch, name="credit_batch"),
    path("<int:batch_id>/start/", views.start, name="credit_start"),
    path("<int:batch_id>/reverse/", views.reverse_batch, name="credit_reverse"),
]
