"""To which account money went back, when its owner is forgotten. That it was paid, how and by whom, stays."""

from collections.abc import Collection

from chuzhi.refunds.models import RefundRequest


def forget_of(customers: Collection[int]) -> None:
    RefundRequest.objects.filter(wallet__customer__in=customers).update(payee="")
