from typing import ClassVar

from django.db import models
from django.utils import timezone

from chuzhi.core import vault
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff


class Note(models.Model):
    """What a colleague wrote down about a customer. It is never rewritten; a pinned one is shown at the till."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="staff_notes")
    text = vault.EncryptedTextField()
    is_pinned = models.BooleanField(default=False)
    mentioned = models.ManyToManyField(Staff, related_name="+")
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "customer_note"
        indexes: ClassVar = [
            models.Index(fields=["customer", "-id"], name="customer_note_newest_first"),
            models.Index(fields=["customer"], name="customer_note_pinned", condition=models.Q(is_pinned=True)),
        ]


class Cadence(models.Model):
    """How often customers of a tier who hold at least so much (minor units) are followed up by their owner."""

    tier = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3)
    at_least = models.BigIntegerField()
    every_days = models.SmallIntegerField()
    what = models.CharField(max_length=200)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "customer_cadence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tier", "currency", "at_least"], name="cadence_is_set_once"),
            models.CheckConstraint(
                name="cadence_within_reason", condition=models.Q(at_least__gte=0, every_days__gte=1, every_days__lte=731)
            ),
        ]


class Task(models.Model):
    """A customer to be followed up by a day, and by whom. It is done with a note that says what came of it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    what = vault.EncryptedTextField()
    due_on = models.DateField()
    assignee = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    mentioned = models.ManyToManyField(Staff, related_name="+")
    is_regular = models.BooleanField(default=False)  # a rule asked for it, not a colleague: it follows the owner
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    note = models.OneToOneField(Note, null=True, on_delete=models.PROTECT, related_name="task")
    done_by = models.CharField(max_length=40, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customer_task"
        indexes: ClassVar = [
            models.Index(fields=["assignee", "due_on", "id"], name="customer_task_open", condition=models.Q(done_at=None)),
            models.Index(fields=["customer", "-id"], name="customer_task_of_customer"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="customer_task_is_done_with_a_note",
                condition=models.Q(done_at=None, note=None, done_by="")
                | (models.Q(done_at__isnull=False, note__isnull=False) & ~models.Q(done_by="")),
            )
        ]
