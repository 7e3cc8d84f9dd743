from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "chuzhi.organization"
    default_auto_field = "django.db.models.BigAutoField"
