from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "chuzhi.wallets.applications"
    default_auto_field = "django.db.models.BigAutoField"
