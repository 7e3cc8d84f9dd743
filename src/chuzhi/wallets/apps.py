from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "chuzhi.wallets"
    default_auto_field = "django.db.models.BigAutoField"
