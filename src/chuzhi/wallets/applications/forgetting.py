"""What applicants for a card handed in, when its time is over: that somebody applied, and what came of it, stays."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.wallets.applications.models import ApplicationDocument, CardApplication


def past(before: datetime) -> QuerySet[CardApplication]:
    return CardApplication.objects.filter(decided_at__lt=before, forgotten_at=None)


def forget(rows: QuerySet[CardApplication]) -> int:
    """Its address opens nothing any more."""
    ApplicationDocument.objects.filter(application__in=rows).delete()
    return rows.update(name="", phone="", email=None, identity_number=None, number="", source="", forgotten_at=timezone.now())
