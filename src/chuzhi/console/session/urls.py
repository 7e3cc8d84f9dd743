from django.urls import path

from chuzhi.console.session import second, views

urlpatterns = [
    path("", views.start, name="start"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/second/", second.second_factor, name="second_factor"),
    path("sign-in/passkey/", second.passkey, name="passkey_sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("workplace/", views.workplace, name="workplace"),
    path("password/", views.password, name="password"),
]
