from django.apps import AppConfig


class BankConfig(AppConfig):
    name = "chuzhi.payments.bank"
