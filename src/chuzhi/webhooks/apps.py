from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "chuzhi.webhooks"
    default_auto_field = "django.db.models.BigAutoField"
