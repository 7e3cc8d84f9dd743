from django.apps import AppConfig


class GivingConfig(AppConfig):
    name = "chuzhi.wallets.giving"
    default_auto_field = "django.db.models.BigAutoField"
