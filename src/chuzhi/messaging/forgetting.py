"""What messages said, when its time is over: that somebody was told of something stays, in which words does not."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.messaging.models import Delivery, Message


def past(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(ended_at__lt=before, forgotten_at=None)


def of(customers: Collection[int]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(message__customer__in=customers, forgotten_at=None)


def forget(rows: QuerySet[Delivery]) -> int:
    told = Message.objects.filter(deliveries__in=rows)
    told.filter(stranger__isnull=False).update(stranger="")
    told.update(facts={}, secrets=None)
    return rows.update(title=None, body=None, forgotten_at=timezone.now())
