"""Who did what, kept for ever: one row an act, added in the transaction of the act itself."""

import os
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.core.privileges import AppendOnly


def time_ordered_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): random, and sorted by the millisecond it was made in, so new rows land together."""
    stamp = time.time_ns() // 1_000_000
    bits = (stamp << 80) | int.from_bytes(os.urandom(10))
    return uuid.UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | (0x7 << 76) | (0x2 << 62))


class AuditEntry(AppendOnly):
    """One act by one actor on one subject."""

    id = models.UUIDField(primary_key=True, default=time_ordered_id)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        indexes: ClassVar = [
            models.Index(fields=["subject", "at"], name="audit_by_subject"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
            BrinIndex(fields=["at"], autosummarize=True, name="audit_by_time"),
        ]


def record(action: str, subject: str, *, by: Actor, **facts: object) -> AuditEntry:
    """Add the act to the log. `subject` reads like `customer:12`; `facts` hold no personal data."""
    return AuditEntry.objects.create(action=action, subject=subject, actor=by.label, facts=facts)


def record_all(acts: Iterable[tuple[str, str, Mapping[str, object]]], *, by: Actor) -> None:
    """The same for many: action, subject and facts of each."""
    rows = (AuditEntry(action=action, subject=subject, actor=by.label, facts=facts) for action, subject, facts in acts)
    AuditEntry.objects.bulk_create(rows, batch_size=1000)
