from django.urls import path

from chuzhi.console.tasks import cadence, views

urlpatterns = [
    path("", views.tasks_page, name="tasks"),
    path("hand-over/", views.hand_over, name="tasks_hand_over"),
    path("cadence/", cadence.rules_page, name="cadence"),
    path("cadence/<int:rule_id>/lift/", cadence.lift, name="cadence_lift"),
    path("<int:task_id>/", views.task_page, name="task"),
]
