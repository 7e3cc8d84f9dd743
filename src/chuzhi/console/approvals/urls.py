from django.urls import path

from chuzhi.console.approvals import limits, views

urlpatterns = [
    path("", views.queue, name="approvals"),
    path("mine/", views.mine, name="approvals_mine"),
    path("history/", views.history, name="approvals_history"),
    path("limits/", limits.limits_page, name="approval_limits"),
    path("limits/forget/", limits.forget, name="approval_limits_forget"),
    path("<int:request_id>/", views.one, name="approval"),
    path("<int:request_id>/approve/", views.approve, name="approval_approve"),
    path("<int:request_id>/refuse/", views.refuse, name="approval_refuse"),
    path("<int:request_id>/withdraw/", views.withdraw, name="approval_withdraw"),
]
