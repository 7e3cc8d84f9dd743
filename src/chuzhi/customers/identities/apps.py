from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    name = "chuzhi.customers.identities"
    default_auto_field = "django.db.models.BigAutoField"
