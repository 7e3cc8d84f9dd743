"""How long each kind of personal data is kept, and what was forgotten because its time was over."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chuzhi.core.privileges import AppendOnly


class RetentionRule(AppendOnly):
    """The latest version of a kind holds. No months: kept until somebody says otherwise."""

    kind = models.CharField(max_length=20)
    version = models.IntegerField()
    months = models.SmallIntegerField(null=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "retention_rule"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "version"], name="retention_rule_version_once"),
            models.CheckConstraint(name="retention_rule_within_reason", condition=Q(months=None) | Q(months__range=(1, 600))),
        ]


class Forgetting(AppendOnly):
    """What one night forgot of one kind. `reached`: the row at which its time ran out; the next night goes on from there."""

    kind = models.CharField(max_length=20)
    before = models.DateTimeField()
    count = models.IntegerField()
    reached = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "forgetting"
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="forgetting_of_kind")]
