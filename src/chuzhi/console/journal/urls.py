from django.urls import path

from chuzhi.console.journal import views

urlpatterns = [
    path("", views.journal_page, name="journal"),
    path("sample/", views.sample_page, name="sample"),
]
