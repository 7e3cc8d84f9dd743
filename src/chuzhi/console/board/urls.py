from django.urls import path

from chuzhi.console.board import views

urlpatterns = [path("", views.home, name="home")]
