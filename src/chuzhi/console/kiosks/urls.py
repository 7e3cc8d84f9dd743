from django.urls import path

from chuzhi.console.kiosks import views

urlpatterns = [
    path("", views.kiosks_page, name="kiosks"),
    path("add/", views.add, name="kiosk_add"),
    path("<int:kiosk_id>/", views.kiosk, name="kiosk"),
    path("<int:kiosk_id>/link/", views.link, name="kiosk_link"),
    path("<int:kiosk_id>/revoke/", views.revoke, name="kiosk_revoke"),
]
