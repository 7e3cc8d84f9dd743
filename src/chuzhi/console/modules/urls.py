from django.urls import path

from chuzhi.console.modules import found, views

urlpatterns = [
    path("", views.modules_page, name="modules"),
    path("<int:module_id>/", views.module, name="module"),
    path("<int:module_id>/archive/", views.archive, name="module_archive"),
    path("<int:module_id>/restore/", views.restore, name="module_restore"),
    path("<int:module_id>/records/", found.records_page, name="records"),
]
