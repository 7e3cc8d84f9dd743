"""Requests and their decisions, how much each may do alone, and what each did alone."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault

UNDECIDED = ("waiting", "withdrawn", "expired")


class Request(models.Model):
    """A command that was asked for: kept as it will run, until somebody else signs it or says no."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPROVED = "approved", _("Approved, being carried out")
        DONE = "done", _("Carried out")
        FAILED = "failed", _("Could not be carried out")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    kind = models.CharField(max_length=40)
    arguments = models.JSONField()  # of the command, as plain values
    amount = models.BigIntegerField()  # smallest units of the asset
    asset = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)  # wallet:12
    store = models.IntegerField(null=True)  # where it was asked for
    reason = models.CharField(max_length=200)
    evidence = models.CharField(max_length=200)
    benefits = vault.EncryptedTextField(null=True)  # the e-mail of who would gain: nobody signs for themselves
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who asked and their key
    expires_at = models.DateTimeField()
    key = models.UUIDField(default=uuid.uuid4, unique=True)  # under which it is carried out, however often that is tried
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.CharField(max_length=40, default="")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, default="")  # what the decider said
    result = models.CharField(max_length=80, default="")  # what it became: an entry, a batch
    refusal = models.CharField(max_length=60, default="")  # the code of what stood in the way when it was carried out
    refusal_said = models.TextField(default="")

    class Meta:
        db_table = "approval_request"
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="approval_request_by_state"),
            models.Index(fields=["subject", "id"], name="approval_request_by_subject"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="approval_is_by_somebody_else", condition=~Q(asked_by=F("decided_by"))),
            models.CheckConstraint(
                name="approval_has_its_decision",
                condition=Q(state__in=UNDECIDED, decided_by="") | (~Q(state__in=UNDECIDED) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="approval_decision_has_its_time",
                condition=Q(decided_by="", decided_at=None) | (~Q(decided_by="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="approval_ends_as_it_is_said", condition=Q(state="failed") | Q(refusal="")),
            models.CheckConstraint(name="approval_is_of_something", condition=Q(amount__gt=0)),
        ]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING and timezone.now() < self.expires_at

    @property
    def number(self) -> str:
        """How people say which one they mean."""
        return f"R{self.pk}"


class Ceiling(models.Model):
    """What one role, person or key may do of one kind, where the shop has set it. Smallest units; NULL is any amount."""

    kind = models.CharField(max_length=40)
    who = models.CharField(max_length=40)  # a role, `program`, staff:12 or key:7
    alone = models.BigIntegerField(null=True)
    a_day = models.BigIntegerField(null=True)
    approves = models.BigIntegerField(null=True)
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "approval_ceiling"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "who"], name="approval_ceiling_once"),
            models.CheckConstraint(
                name="approval_ceiling_is_an_amount",
                condition=(Q(alone=None) | Q(alone__gte=0))
                & (Q(a_day=None) | Q(a_day__gte=0))
                & (Q(approves=None) | Q(approves__gte=0)),
            ),
            models.CheckConstraint(
                name="approval_ceiling_of_a_day_holds_one_act",
                condition=Q(a_day=None) | (Q(alone__isnull=False) & Q(a_day__gte=F("alone"))),
            ),
        ]


class DoneAlone(models.Model):
    """One act that somebody did without a second person: what the limit of a day is counted from."""

    kind = models.CharField(max_length=40)
    who = models.CharField(max_length=40)
    act = models.BinaryField(max_length=16, unique=True)  # hash of who, what about and the key
    amount = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "approval_done_alone"
        indexes: ClassVar = [models.Index(fields=["who", "kind", "at"], name="approval_done_alone_by_who")]
        constraints: ClassVar = [models.CheckConstraint(name="approval_done_alone_is_something", condition=Q(amount__gt=0))]
