from django.apps import AppConfig


class TopupsConfig(AppConfig):
    name = "chuzhi.topups"
