from django.urls import path

from chuzhi.console.webhooks import views

urlpatterns = [
    path("", views.webhooks_page, name="webhooks"),
    path("add/", views.add, name="webhook_add"),
    path("<int:endpoint_id>/", views.webhook, name="webhook"),
    path("<int:endpoint_id>/rotate/", views.rotate, name="webhook_rotate"),
    path("<int:endpoint_id>/stand/", views.stand, name="webhook_stand"),
    path("<int:endpoint_id>/test/", views.test, name="webhook_test"),
    path("calls/<str:number>/again/", views.again, name="webhook_again"),
]
