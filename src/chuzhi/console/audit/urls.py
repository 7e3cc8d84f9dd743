from django.urls import path

from chuzhi.console.audit import views

urlpatterns = [
    path("", views.audit_page, name="audit"),
    path("audit.<str:form>", views.export, name="audit_export"),
]
