from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
