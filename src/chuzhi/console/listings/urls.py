from django.urls import path

from chuzhi.console.listings import acting, taken, views

urlpatterns = [
    path("files/", taken.taken_page, name="lists_taken"),
    path("files/<int:taken_id>/", taken.one, name="list_taken"),
    path("files/<int:taken_id>/file/", taken.file, name="list_file"),
    path("acts/<int:act_id>/", acting.one, name="bulk_act"),
    path("acts/<int:act_id>/start/", acting.start, name="bulk_start"),
    path("acts/<int:act_id>/undo/", acting.undo, name="bulk_undo"),
    path("acts/<int:act_id>/refused.csv", acting.refused, name="bulk_refused"),
    path("<str:name>/act/", acting.plan, name="list_act"),
    path("views/<int:view_id>/usual/", views.usual, name="list_view_usual"),
    path("views/<int:view_id>/remove/", views.remove, name="list_view_remove"),
    path("<str:name>/views/", views.keep, name="list_view_keep"),
    path("<str:name>/take/", taken.take, name="list_take"),
]
