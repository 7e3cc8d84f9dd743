from django.urls import path

from chuzhi.console.session import views

urlpatterns = [
    path("", views.start, name="start"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("workplace/", views.workplace, name="workplace"),
    path("password/", views.password, name="password"),
]
