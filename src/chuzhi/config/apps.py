from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "chuzhi.config"
