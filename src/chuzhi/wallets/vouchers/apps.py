from django.apps import AppConfig


class VouchersConfig(AppConfig):
    name = "chuzhi.wallets.vouchers"
    default_auto_field = "django.db.models.BigAutoField"
