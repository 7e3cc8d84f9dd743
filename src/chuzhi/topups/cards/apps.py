from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "chuzhi.topups.cards"
    label = "card_orders"
    default_auto_field = "django.db.models.BigAutoField"
