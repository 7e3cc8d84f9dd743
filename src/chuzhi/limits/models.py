"""What the shop set (limits), where customers stand (tiers), and what was asked for and granted (raises, documents)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.customers.models import Customer


class LimitKind(models.TextChoices):
    AT_ONCE = "at_once", _("In one top-up")
    A_DAY = "a_day", _("In a calendar day")
    ROLLING = "rolling", _("Within 24 hours")
    HELD = "held", _("Balance")


class Limit(models.Model):
    """One ceiling that the shop set, in minor units of `asset`. Empty fields narrow nothing."""

    kind = models.CharField(max_length=10, choices=LimitKind)
    asset = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="limits")
    tier = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    method = models.CharField(max_length=10, blank=True)
    holder = models.CharField(max_length=10, blank=True)
    pack = models.CharField(max_length=40, blank=True)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "limit_set"
        constraints: ClassVar = [
            models.CheckConstraint(name="limit_leaves_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="limit_of_a_known_kind", condition=Q(kind__in=LimitKind.values)),
            models.UniqueConstraint(
                fields=["kind", "asset", "customer", "tier", "channel", "method", "holder", "pack"],
                name="limit_is_set_once",
                nulls_distinct=False,
            ),
        ]


class Tier(models.Model):
    """The tier that a customer is in, as a plain code."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="limit_tier")
    code = models.CharField(max_length=20)

    class Meta:
        db_table = "limit_tier"


class Raise(models.Model):
    """A higher limit that somebody asked for, and what became of it. Whoever asked never decides."""

    class Status(models.TextChoices):
        ASKED = "asked", _("To be decided")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="raises")
    kind = models.CharField(max_length=10, choices=LimitKind)
    asset = models.CharField(max_length=40)
    amount = models.BigIntegerField()  # minor units
    reason = models.CharField(max_length=200)
    ends_on = models.DateField()  # the last day it holds
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)  # why

    class Meta:
        db_table = "limit_raise"
        indexes: ClassVar = [models.Index(fields=["customer", "status"], name="raise_by_customer")]
        constraints: ClassVar = [
            models.CheckConstraint(name="raise_asks_for_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="raise_needs_two_people",
                condition=~Q(status__in=["granted", "refused"]) | (~Q(decided_by="") & ~Q(decided_by=F("asked_by"))),
            ),
            models.CheckConstraint(
                name="raise_decided_at_a_moment", condition=Q(status="asked", decided_at=None) | ~Q(status="asked")
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.ASKED


class RaiseDocument(models.Model):
    """A file that was handed in with an application. Its content is sealed on disk (`core.documents`)."""

    application = models.ForeignKey(Raise, on_delete=models.CASCADE, related_name="documents")
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.IntegerField()

    class Meta:
        db_table = "limit_raise_document"
