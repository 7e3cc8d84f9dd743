from django.urls import path

from chuzhi.console.fields import views

urlpatterns = [
    path("", views.fields_page, name="fields"),
    path("add/", views.add, name="field_add"),
    path("<int:field_id>/", views.field, name="field"),
    path("<int:field_id>/archive/", views.archive, name="field_archive"),
    path("<int:field_id>/restore/", views.restore, name="field_restore"),
]
