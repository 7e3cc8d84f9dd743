from django.apps import AppConfig


class RelationsConfig(AppConfig):
    name = "chuzhi.customers.relations"
    default_auto_field = "django.db.models.BigAutoField"
