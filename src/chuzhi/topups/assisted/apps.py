from django.apps import AppConfig


class AssistedConfig(AppConfig):
    name = "chuzhi.topups.assisted"
    default_auto_field = "django.db.models.BigAutoField"
