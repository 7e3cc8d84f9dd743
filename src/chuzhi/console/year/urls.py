from django.urls import path

from chuzhi.console.year import views

urlpatterns = [path("", views.year, name="year")]
