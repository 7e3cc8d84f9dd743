from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chuzhi.customers.models import Customer
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing.rules import Allowance


class Member(models.Model):
    """A customer who may spend from another's wallet. What they spent is in the journal, under `spender`.

    Minor units; an empty cap is no cap. Stopped, they can be resumed; ended, they are kept for what they spent.
    """

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="members")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="shared_wallets")
    at_once = models.BigIntegerField(null=True)
    a_day = models.BigIntegerField(null=True)
    a_week = models.BigIntegerField(null=True)
    a_month = models.BigIntegerField(null=True)
    categories = ArrayField(models.IntegerField(), default=list)  # of products; with those inside them
    weekdays = ArrayField(models.SmallIntegerField())  # Monday is 0
    from_time = models.TimeField(null=True)
    to_time = models.TimeField(null=True)
    from_day = models.DateField(null=True)
    to_day = models.DateField(null=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wallet_member"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet", "customer"], name="wallet_member_once", condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="wallet_member_caps_leave_something",
                condition=(Q(at_once=None) | Q(at_once__gt=0))
                & (Q(a_day=None) | Q(a_day__gt=0))
                & (Q(a_week=None) | Q(a_week__gt=0))
                & (Q(a_month=None) | Q(a_month__gt=0)),
            ),
            models.CheckConstraint(
                name="wallet_member_hours_are_hours",
                condition=Q(from_time=None, to_time=None) | Q(from_time__isnull=False, to_time__gt=F("from_time")),
            ),
            models.CheckConstraint(
                name="wallet_member_days_are_days", condition=Q(from_day=None) | Q(to_day=None) | Q(to_day__gte=F("from_day"))
            ),
            models.CheckConstraint(
                name="wallet_member_weekdays_are_some",
                condition=Q(weekdays__contained_by=list(range(7))) & ~Q(weekdays=[]),
            ),
        ]

    @property
    def spender(self) -> str:
        """How the journal names them."""
        return f"member:{self.pk}"

    @property
    def allowance(self) -> Allowance:
        return Allowance(
            at_once=self.at_once, a_day=self.a_day, a_week=self.a_week, a_month=self.a_month,
            categories=frozenset(self.categories), weekdays=frozenset(self.weekdays), from_time=self.from_time,
            to_time=self.to_time, from_day=self.from_day, to_day=self.to_day,
        )  # fmt: skip

    @property
    def may_spend(self) -> bool:
        return self.stopped_at is None and self.ended_at is None
