from django.urls import path

from chuzhi.console.search import views

urlpatterns = [path("", views.search, name="search")]
