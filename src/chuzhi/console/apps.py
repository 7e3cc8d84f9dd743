from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "chuzhi.console"
    default_auto_field = "django.db.models.BigAutoField"
