from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "chuzhi.wallets.sharing"
    default_auto_field = "django.db.models.BigAutoField"
