from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "chuzhi.payments.counter"
