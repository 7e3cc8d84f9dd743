from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers.models import Customer


class Identity(models.Model):
    """An account of a customer in another channel. `number` is that channel's own, like the customers' `external_id`."""

    class How(models.TextChoices):
        OWN = "own", _("The record was made for it")
        PHONE = "phone", _("By a phone number that the channel has verified")
        STAFF = "staff", _("Taken off another record")

    channel = models.CharField(max_length=20)
    number = models.CharField(max_length=200, db_collation="C")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    how = models.CharField(max_length=10, choices=How)
    name = vault.EncryptedTextField(blank=True, default="")  # as the channel has it
    perhaps = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")  # who may be the same person
    perhaps_why = models.CharField(max_length=20, blank=True)  # of duplicates.Why, or `phone`
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "customer_identity"
        indexes: ClassVar = [models.Index(fields=["number"], name="identity_by_number")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "number"], name="identity_once"),
            models.CheckConstraint(
                name="identity_is_perhaps_somebody_for_a_reason",
                condition=Q(perhaps=None, perhaps_why="") | (Q(perhaps__isnull=False) & ~Q(perhaps_why="")),
            ),
        ]
