from django.urls import path

from chuzhi.console.journal import views

urlpatterns = [path("", views.journal_page, name="journal")]
