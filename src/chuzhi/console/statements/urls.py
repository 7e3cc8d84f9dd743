from django.urls import path

from chuzhi.console.statements import views

urlpatterns = [
    path("", views.statements_page, name="statements"),
    path("add/", views.add, name="statement_add"),
    path("<int:statement_id>/", views.statement, name="statement"),
    path("lines/<int:line_id>/", views.line, name="bank_line"),
]
