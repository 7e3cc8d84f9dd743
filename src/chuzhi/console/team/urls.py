from django.urls import path

from chuzhi.console.team import confirming, factors, importing, views

urlpatterns = [
    path("", views.team, name="team"),
    path("invite/", views.invite, name="team_invite"),
    path("import/", importing.bring, name="team_bring"),
    path("import/<str:sha256>/", importing.check, name="team_check"),
    path("second-factors/", factors.rules, name="team_factors"),
    path("second-factors/<str:role>/", factors.need_no_more, name="team_factors_role"),
    path("confirmations/", confirming.rules, name="team_confirmations"),
    path("<int:staff_id>/factors/", factors.take_off, name="team_take_off"),
    path("<int:staff_id>/", views.person, name="team_person"),
    path("<int:staff_id>/deactivate/", views.deactivate, name="team_deactivate"),
    path("<int:staff_id>/reactivate/", views.reactivate, name="team_reactivate"),
]
