from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "chuzhi.customers.consent"
    default_auto_field = "django.db.models.BigAutoField"
