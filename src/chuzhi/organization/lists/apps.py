from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "chuzhi.organization.lists"
    default_auto_field = "django.db.models.BigAutoField"
