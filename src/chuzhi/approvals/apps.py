from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "chuzhi.approvals"
    default_auto_field = "django.db.models.BigAutoField"
