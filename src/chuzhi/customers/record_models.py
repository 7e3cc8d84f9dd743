"""Things that belong to customers and that a shop describes for itself: vehicles, pets, contracts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chuzhi.customers.field_models import CustomModule, HoldsValues


class Record(HoldsValues):
    """One vehicle, one pet, one contract of a customer. Removed, it is kept and shown no more."""

    id = models.BigAutoField(primary_key=True)
    module = models.ForeignKey(CustomModule, on_delete=models.PROTECT, related_name="records", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="records", db_index=False)
    version = models.IntegerField(default=1)
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who added it and their key
    asked_with = models.BinaryField(max_length=18, null=True)  # keyed hash of what they said, after its key's number
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    removed_by = models.CharField(max_length=40, default="", blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customer_record"
        indexes: ClassVar = [
            models.Index(fields=["customer", "module", "id"], name="record_of_customer"),
            models.Index(fields=["module", "id"], name="record_of_module", condition=Q(removed_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="record_is_removed_by_somebody",
                condition=Q(removed_at=None, removed_by="") | (Q(removed_at__isnull=False) & ~Q(removed_by="")),
            ),
        ]
