from django.urls import path

from chuzhi.console.team import views

urlpatterns = [
    path("", views.team, name="team"),
    path("invite/", views.invite, name="team_invite"),
    path("<int:staff_id>/", views.person, name="team_person"),
    path("<int:staff_id>/deactivate/", views.deactivate, name="team_deactivate"),
    path("<int:staff_id>/reactivate/", views.reactivate, name="team_reactivate"),
]
