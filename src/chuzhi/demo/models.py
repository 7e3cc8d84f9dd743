from typing import ClassVar

from django.db import models
from django.utils import timezone


class DemoRun(models.Model):
    """The year that this installation shows, how far it is told, and what it came to. There is at most one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    source = models.CharField(max_length=40)
    is_real = models.BooleanField()
    households = models.IntegerField()
    households_told = models.IntegerField(default=0)
    baskets = models.IntegerField()
    baskets_told = models.IntegerField(default=0)
    free_baskets_told = models.IntegerField(default=0)
    top_ups_told = models.IntegerField(default=0)
    amount = models.BigIntegerField()
    amount_told = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    findings = models.IntegerField(null=True)

    class Meta:
        db_table = "demo_run"
        constraints: ClassVar = [models.CheckConstraint(name="demo_run_is_the_only_one", condition=models.Q(id=1))]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def percent(self) -> int:
        return self.baskets_told * 100 // self.baskets

    @property
    def ties(self) -> bool:
        """Whether what the ledger holds is what the source says, to the basket and the cent."""
        return (self.households_told, self.baskets_told, self.amount_told) == (self.households, self.baskets, self.amount)
