from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.wallets.models import Wallet


class GiftLink(models.Model):
    """What a holder gives to whoever opens its address first. Until then it is held in their own wallet.

    Minor units. `hold` is the hold's number; `taken_seq` is the operation by which it left.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waits to be taken")
        TAKEN = "taken", _("Taken")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Not taken in time")

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="gift_links")
    hold = models.BigIntegerField()
    amount = models.BigIntegerField()
    sender = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    until = models.DateTimeField()
    asked_for = models.BinaryField(unique=True, max_length=16)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Wallet, on_delete=models.PROTECT, null=True, related_name="gifts_taken")
    taken_seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "gift_link"
        indexes: ClassVar = [models.Index(fields=["until"], name="gift_link_open", condition=Q(state="open"))]
        constraints: ClassVar = [
            models.CheckConstraint(name="gift_link_gives_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="gift_link_ends_once",
                condition=Q(state="open", ended_at=None, taken_by=None, taken_seq=None)
                | Q(state="taken", ended_at__isnull=False, taken_by__isnull=False, taken_seq__isnull=False)
                | Q(state__in=["withdrawn", "lapsed"], ended_at__isnull=False, taken_by=None, taken_seq=None),
            ),
        ]

    @property
    def is_over(self) -> bool:
        return self.until <= timezone.now()


class Handout(models.Model):
    """What one wallet gives to many, line by line: an employer to its staff. Planned, carried out, reversible as a whole."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Being handed out")
        DONE = "done", _("Handed out")
        REVERSED = "reversed", _("Reversed")

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="handouts")
    purpose = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    count = models.IntegerField()  # lines that can be given
    amount = models.BigIntegerField()  # of all of them, in the smallest units
    asked_for = models.BinaryField(unique=True, max_length=16)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "handout"
        indexes: ClassVar = [models.Index(fields=["id"], name="handout_unfinished", condition=Q(state="running"))]
        constraints: ClassVar = [models.CheckConstraint(name="handout_gives_something", condition=Q(count__gt=0, amount__gt=0))]


class HandoutLine(models.Model):
    """For whom, how much, and what came of it. `given` is what the list called them.

    `left_seq` is the operation by which it left, `arrived_seq` the one that brought it to `wallet`, `back_seq` the one by which
    what was left of it went back.
    """

    handout = models.ForeignKey(Handout, on_delete=models.CASCADE, related_name="lines")
    line = models.IntegerField()
    given = vault.EncryptedTextField()
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, null=True, related_name="handed_out")
    amount = models.BigIntegerField(null=True)
    refusal = models.CharField(max_length=60, default="")
    refusal_facts = models.JSONField(default=dict)
    left_seq = models.BigIntegerField(null=True)
    arrived_seq = models.BigIntegerField(null=True)
    back_seq = models.BigIntegerField(null=True)
    taken_back = models.BigIntegerField(default=0)

    class Meta:
        db_table = "handout_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handout", "line"], name="handout_line_once"),
            models.CheckConstraint(name="handout_line_is_given_or_refused", condition=Q(arrived_seq=None) | Q(refusal="")),
            models.CheckConstraint(
                name="handout_line_is_to_somebody", condition=~Q(refusal="") | Q(wallet__isnull=False, amount__gt=0)
            ),
            models.CheckConstraint(
                name="handout_line_gives_back_at_most_itself",
                condition=Q(taken_back=0) | Q(arrived_seq__isnull=False, taken_back__gt=0, taken_back__lte=F("amount")),
            ),
        ]
