"""Who bought recharge cards on line, when its time is over. An order that waits for money, or owes it, is still needed."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.topups.cards.models import CardOrder

STILL_NEEDED = (CardOrder.Stage.OPEN, CardOrder.Stage.OWED)


def past(before: datetime) -> QuerySet[CardOrder]:
    return CardOrder.objects.filter(created_at__lt=before, forgotten_at=None).exclude(stage__in=STILL_NEEDED)


def forget(rows: QuerySet[CardOrder]) -> int:
    return rows.update(email="", phone=None, name=None, identity_number=None, source="", forgotten_at=timezone.now())
