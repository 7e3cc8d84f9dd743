from django.urls import path

from chuzhi.console.reconciliation import custody, settlements, views

urlpatterns = [
    path("", views.days_page, name="reconciliation"),
    path("days/<int:day_id>/", views.day, name="reconciliation_day"),
    path("days/<int:day_id>/again/", views.again, name="reconciliation_again"),
    path("days/<int:day_id>/day.<str:form>", views.export, name="reconciliation_export"),
    path("days/<int:day_id>/sign-off/", views.sign_off, name="reconciliation_sign_off"),
    path("days/<int:day_id>/reopen/", views.reopen, name="reconciliation_reopen"),
    path("terminals/", settlements.settlements_page, name="reconciliation_settlements"),
    path("terminals/add/", settlements.add, name="reconciliation_settlement_add"),
    path("cases/", views.cases_page, name="reconciliation_cases"),
    path("cases/cases.<str:form>", views.export_cases, name="reconciliation_cases_export"),
    path("cases/<int:case_id>/", views.case, name="reconciliation_case"),
    path("payouts/", views.payouts_page, name="reconciliation_payouts"),
    path("cases/<int:case_id>/line/", views.assign, name="reconciliation_assign"),
    path("custody/", custody.custody_page, name="reconciliation_custody"),
    path("clearing/", views.clearing, name="reconciliation_clearing"),
]
