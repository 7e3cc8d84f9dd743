from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.organization.models import ApiKey, Staff, Store

ONE_OWNER = Q(owner=None, program__isnull=False) | Q(owner__isnull=False, program=None)


class SavedView(models.Model):
    """How somebody looks at a list: what is asked for, in which columns and order. A shared one is there for all who may see the list."""

    listing = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)  # field -> what was typed
    columns = ArrayField(models.CharField(max_length=60), default=list)  # none: the usual ones
    sort = models.CharField(max_length=40, default="")  # a column, with a minus the other way round; none: the usual one
    owner = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="saved_views")
    program = models.ForeignKey(ApiKey, null=True, on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "listing", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(fields=["program", "listing", "name"], name="saved_view_of_program_name_once"),
            models.CheckConstraint(name="saved_view_has_one_owner", condition=ONE_OWNER),
            models.CheckConstraint(name="saved_view_has_a_name", condition=~Q(name="")),
        ]


class UsualView(models.Model):
    """The view that a list opens with for somebody."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    listing = models.CharField(max_length=40)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "usual_view"
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "listing"], name="usual_view_once_a_list")]


class TakenList(models.Model):
    """A list that somebody takes along as a file: asked for, written by the worker, gone when its time is over."""

    listing = models.CharField(max_length=40)
    query = vault.EncryptedTextField()  # JSON of what was asked for: it may hold a piece of somebody's phone number
    form = models.CharField(max_length=4, choices=[("csv", "CSV"), ("xlsx", "XLSX")])
    language = models.CharField(max_length=10)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")  # where they worked then
    done = models.IntegerField(default=0)  # rows written
    refusal = models.CharField(max_length=60, default="")
    asked_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "taken_list"
        indexes: ClassVar = [models.Index(fields=["id"], name="taken_list_to_write", condition=Q(written_at=None, refusal=""))]
        constraints: ClassVar = [
            models.CheckConstraint(name="taken_list_written_or_refused", condition=Q(written_at=None) | Q(refusal="")),
            models.CheckConstraint(name="taken_list_counts", condition=Q(done__gte=0)),
        ]


class BulkAct(models.Model):
    """One act on many rows: planned with a count, done a part at a time, perhaps undone row by row."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Being done")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(max_length=20)
    listing = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    owner = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(ApiKey, null=True, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")  # where they worked then
    planned_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_act"
        indexes: ClassVar = [
            models.Index(fields=["id"], name="bulk_act_under_way", condition=Q(state__in=["running", "undoing"])),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="bulk_act_has_one_owner", condition=ONE_OWNER),
            models.CheckConstraint(
                name="bulk_act_done_has_its_time",
                condition=Q(state__in=["planned", "running"], done_at=None)
                | Q(state__in=["done", "undoing", "undone"], done_at__isnull=False),
            ),
        ]


class BulkRow(models.Model):
    """What came of the act for one row, and how to put it back: `before`, if the row is still of the `version` it left."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not yet")
        DONE = "done", _("Done")
        SAME = "same", _("Was so already")
        REFUSED = "refused", _("Refused")
        UNDONE = "undone", _("Undone")
        STAYED = "stayed", _("Not undone")

    act = models.ForeignKey(BulkAct, on_delete=models.CASCADE, related_name="rows")
    subject = models.BigIntegerField()  # the customer or wallet
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    before = models.JSONField(null=True)
    version = models.IntegerField(null=True)
    refusal = models.CharField(max_length=60, default="")
    refusal_facts = models.JSONField(default=dict)

    class Meta:
        db_table = "bulk_row"
        indexes: ClassVar = [models.Index(fields=["act", "state", "id"], name="bulk_row_by_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["act", "subject"], name="bulk_row_once"),
            models.CheckConstraint(
                name="bulk_row_refused_says_why",
                condition=(Q(state__in=["refused", "stayed"]) & ~Q(refusal=""))
                | (~Q(state__in=["refused", "stayed"]) & Q(refusal="")),
            ),
        ]
