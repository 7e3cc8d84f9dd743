"""Who called for a customer, and what was noted then, when the customer is forgotten. What was topped up stays."""

from collections.abc import Collection

from chuzhi.topups.assisted.models import AssistedTopUp


def forget_of(customers: Collection[int]) -> None:
    AssistedTopUp.objects.filter(wallet__customer__in=customers).update(caller="", note="")
