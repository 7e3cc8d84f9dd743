from django.urls import path

from chuzhi.console.imports import acceptance, views

urlpatterns = [
    path("", views.imports_page, name="imports"),
    path("<int:batch_id>/", views.one, name="import"),
    path("<int:batch_id>/rejected.csv", views.rejected, name="import_rejected"),
    path("<int:batch_id>/check/", views.check, name="import_check"),
    path("<int:batch_id>/alike/", views.choose, name="import_choose"),
    path("<int:batch_id>/take-in/", views.take_in, name="import_take_in"),
    path("<int:batch_id>/reverse/", views.reverse_import, name="import_reverse"),
    path("<int:batch_id>/tell/", views.tell, name="import_tell"),
    path("acceptance/", acceptance.asked, name="import_asked"),
    path("<int:batch_id>/acceptance/", acceptance.signing, name="import_signing"),
    path("<int:batch_id>/acceptance/sign/", acceptance.sign, name="import_sign"),
    path("<int:batch_id>/acceptance-<slug:language>.pdf", acceptance.paper, name="import_paper"),
]
