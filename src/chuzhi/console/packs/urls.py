from django.urls import path

from chuzhi.console.packs import reports, views

urlpatterns = [
    path("", views.packs_page, name="packs"),
    path("<slug:pack_id>/", views.pack, name="pack"),
    path("<slug:pack_id>/report/", reports.report, name="pack_report"),
    path("<slug:pack_id>/report.<str:form>", reports.export, name="pack_report_export"),
]
