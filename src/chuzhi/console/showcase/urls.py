from django.urls import path

from chuzhi.console.showcase import views

urlpatterns = [path("", views.components, name="showcase")]
