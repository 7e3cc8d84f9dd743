from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chuzhi.customers.models import Customer
from chuzhi.customers.relations.rules import KINDS


class Relation(models.Model):
    """`customer` is the `kind` (parent, employer, spouse, friend) of `other`. Ended, it is kept."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="relations")
    other = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="related_by")
    kind = models.CharField(max_length=10)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    ended_by = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customer_relation"
        constraints: ClassVar = [
            models.CheckConstraint(name="relation_is_to_another", condition=~Q(customer=F("other"))),
            models.CheckConstraint(name="relation_is_of_a_kind", condition=Q(kind__in=KINDS)),
            models.UniqueConstraint(fields=["customer", "other", "kind"], name="relation_once", condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="relation_is_ended_by_somebody",
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
            ),
        ]
