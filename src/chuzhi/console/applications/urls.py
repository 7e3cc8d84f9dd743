from django.urls import path

from chuzhi.console.applications import views

urlpatterns = [
    path("", views.applications_page, name="applications"),
    path("file/", views.file, name="application_file"),
    path("<int:application_id>/", views.review, name="application"),
    path("<int:application_id>/approve/", views.approve, name="application_approve"),
    path("<int:application_id>/reject/", views.reject, name="application_reject"),
    path("<int:application_id>/documents/<int:document_id>/", views.document, name="application_document"),
]
