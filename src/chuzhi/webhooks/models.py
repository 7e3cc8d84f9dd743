"""Where programs listen, what each was told, and what it answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly


class Endpoint(models.Model):
    """An address of a program. Two secrets sign while one takes over from the other."""

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    secret = vault.EncryptedTextField()
    former_secret = vault.EncryptedTextField(null=True)
    former_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=20, blank=True)  # gone: it said so itself; staff
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "webhook_endpoint"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="webhook_endpoint_stops_for_a_reason",
                condition=Q(stopped_at=None, stopped_because="") | (Q(stopped_at__isnull=False) & ~Q(stopped_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Call(models.Model):
    """One thing that one program is told, once: `number` is the same however often it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be sent")
        SENDING = "sending", _("Being sent")
        TAKEN = "taken", _("Taken")
        FAILED = "failed", _("Given up")

    number = models.CharField(max_length=40, unique=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="calls")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)  # what it is about: operation:12-345
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "webhook_call"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="webhook_call_due", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["endpoint", "-id"], name="webhook_call_newest_first"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "kind", "subject"], name="webhook_call_once"),
            models.CheckConstraint(
                name="webhook_call_that_is_over_has_its_end",
                condition=Q(state__in=["taken", "failed"], ended_at__isnull=False)
                | Q(state__in=["waiting", "sending"], ended_at=None),
            ),
        ]


class Attempt(AppendOnly):
    """One try: the status that was answered, or why nothing was."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.SmallIntegerField(null=True)
    fault = models.CharField(max_length=40, blank=True)
    milliseconds = models.IntegerField()

    class Meta:
        db_table = "webhook_attempt"
        constraints: ClassVar = [
            models.CheckConstraint(name="webhook_attempt_ends_one_way", condition=Q(status=None) | Q(fault="")),
        ]
