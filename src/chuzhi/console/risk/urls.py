from django.urls import path

from chuzhi.console.risk import thresholds, views

urlpatterns = [
    path("", views.cases_page, name="risk"),
    path("cases/<int:case_id>/", views.case, name="risk_case"),
    path("cases/<int:case_id>/note/", views.note, name="risk_note"),
    path("cases/<int:case_id>/assign/", views.assign, name="risk_assign"),
    path("cases/<int:case_id>/close/", views.close, name="risk_close"),
    path("cases/<int:case_id>/act/", views.act, name="risk_act"),
    path("rules/", thresholds.rules_page, name="risk_rules"),
    path("rules/<slug:code>/", thresholds.rule, name="risk_rule"),
    path("rules/<slug:code>/try/", thresholds.try_out, name="risk_rule_try"),
]
