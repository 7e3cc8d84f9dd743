"""How somebody was called who waited with a basket, when they are forgotten. What they bought stays."""

from collections.abc import Collection

from chuzhi.till.models import Basket


def forget_of(wallets: Collection[int]) -> None:
    Basket.objects.filter(wallet__in=wallets).update(label="")
