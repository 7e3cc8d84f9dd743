"""What the fields of customers said before, when its time is over. What they say now stays."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from chuzhi.customers.models import FieldChange


def past(before: datetime) -> QuerySet[FieldChange]:
    return FieldChange.objects.filter(at__lt=before)


def of(customers: Collection[int]) -> QuerySet[FieldChange]:
    return FieldChange.objects.filter(customer__in=customers)


def forget(rows: QuerySet[FieldChange]) -> int:
    count, _by_model = rows.delete()
    return count
