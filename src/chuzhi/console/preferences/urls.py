from django.urls import path

from chuzhi.console.preferences import views

urlpatterns = [
    path("language", views.language, name="set_language"),
    path("theme", views.theme, name="set_theme"),
    path("text", views.text, name="set_text"),
]
