from django.urls import path

from chuzhi.console.tasks import views

urlpatterns = [
    path("", views.tasks_page, name="tasks"),
    path("<int:task_id>/", views.task_page, name="task"),
]
