from django.urls import path

from chuzhi.console.imports import views

urlpatterns = [
    path("", views.imports_page, name="imports"),
    path("files/<str:number>/<int:programme_id>/", views.file, name="import_file"),
    path("files/<str:number>/<int:programme_id>/rejected.csv", views.rejected, name="import_rejected"),
    path("<int:batch_id>/reverse/", views.reverse_import, name="import_reverse"),
]
