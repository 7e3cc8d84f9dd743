"""What colleagues wrote down of customers, when its time is over. A pinned note is in use, however old it is."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from chuzhi.workforce.models import Note, Task


def past(before: datetime) -> QuerySet[Note]:
    return Note.objects.filter(at__lt=before, is_pinned=False)


def of(customers: Collection[int]) -> QuerySet[Note]:
    return Note.objects.filter(customer__in=customers)


def forget(rows: QuerySet[Note]) -> int:
    """With the follow-ups whose outcome they are."""
    numbers = list(rows.values_list("pk", flat=True))
    Task.objects.filter(note__in=numbers).delete()
    Note.objects.filter(pk__in=numbers).delete()
    return len(numbers)
