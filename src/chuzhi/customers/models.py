from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers import contacts, indexes, names
from chuzhi.customers.field_models import CustomField, CustomModule, HoldsValues
from chuzhi.customers.namekeys import NameKeysField
from chuzhi.customers.record_models import Record
from chuzhi.organization.models import Staff, Store

__all__ = ["CustomField", "CustomModule", "Customer", "FieldChange", "ImportBatch", "ImportLike", "Merge", "Record"]

PENDING_KILOBYTES = 512
"""Searches read the not yet sorted part of a GIN index from end to end; it is kept small enough not to be felt."""


class ImportBatch(models.Model):
    """One file of customers and opening balances: read, then applied as a whole, and reversible as a whole.

    `state` says where it stands, `step` what the worker is doing to it, `refusal` why the last step did not come to its end.
    """

    class State(models.TextChoices):
        BROUGHT = "brought", _("Not checked")
        READ = "read", _("Checked")
        APPLIED = "applied", _("Applied")
        REVERSED = "reversed", _("Reversed")

    class Step(models.TextChoices):
        NONE = "", _("Nothing")
        CHECK = "check", _("Checking the rows")
        TAKE_IN = "take_in", _("Registering the customers")
        CREDIT = "credit", _("Crediting the balances")
        REVERSE = "reverse", _("Taking it back")
        TELL = "tell", _("Telling the customers")

    state = models.CharField(max_length=10, choices=State, default=State.BROUGHT)
    step = models.CharField(max_length=10, choices=Step, default=Step.NONE)
    done = models.IntegerField(default=0)  # rows of the step under way
    total = models.IntegerField(default=0)
    refusal = models.CharField(max_length=60, default="")
    refusal_facts = models.JSONField(default=dict)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=10, default="")
    headings = models.JSONField(default=list)
    programme = models.IntegerField(null=True)  # whose wallets it opens: `wallets` knows it
    currency = models.CharField(max_length=3)
    mapping = models.JSONField(default=dict)  # field -> heading; empty before the check: to be guessed
    new = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    further = models.IntegerField(default=0, db_default=0)  # rows with another balance of somebody whom a row is about already
    refused = models.IntegerField(default=0)
    refused_for = models.JSONField(default=dict, db_default={})  # code of a reason -> number of rows, and the first lines
    alike = models.IntegerField(
        default=0, db_default=0
    )  # new rows that may be of somebody who is here, or in the file, already
    cards = models.IntegerField(default=0, db_default=0)  # numbers that it gives out
    principal = models.BigIntegerField(default=0)  # minor units, of the rows that are not refused
    bonus = models.BigIntegerField(default=0)
    made_by = models.CharField(max_length=40)
    asked_by = models.CharField(max_length=40, default="")  # for the step under way, or the last one
    made_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when its customers had all been told that they moved in
    stayed = ArrayField(models.BigIntegerField(), default=list)  # customers whom the reversal left, for they have moved on

    class Meta:
        db_table = "import_batch"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sha256"], condition=Q(state="applied"), name="import_of_one_file_applied_once"),
            models.CheckConstraint(
                name="import_state_has_its_time",
                condition=Q(state__in=["brought", "read"], applied_at=None)
                | Q(state="applied", applied_at__isnull=False, reversed_at=None)
                | Q(state="reversed", reversed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="import_step_fits_its_state",
                condition=Q(step="")
                | Q(step="check", state="brought")
                | Q(step="take_in", state="read")
                | Q(step__in=["credit", "reverse", "tell"], state="applied"),
            ),
            models.CheckConstraint(name="import_is_done_with_no_more_than_all", condition=Q(done__range=(0, F("total")))),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], name="import_under_way", condition=~Q(step=""))]


class Customer(HoldsValues):
    """A person whom the merchant knows. What is personal is sealed; the columns after it only help to find it."""

    id = models.BigAutoField(primary_key=True)
    book = models.SmallIntegerField()
    name = models.TextField(db_collation="C")
    phone = vault.EncryptedTextField(null=True)  # E.164
    email = vault.EncryptedTextField(null=True)
    identity_number = vault.EncryptedTextField(null=True)
    born_on = vault.EncryptedDateField(null=True)
    notes = vault.EncryptedTextField(null=True)
    tags = ArrayField(models.CharField(max_length=30), default=list)
    external_id = models.TextField(null=True, db_collation="C")  # noqa: DJ001 # unique, so absent is NULL
    home_store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # looks after them
    favourite = models.CharField(max_length=80, default="", db_default="", blank=True)  # what they like best, in words
    preferred_method = models.CharField(max_length=10, default="", db_default="", blank=True)  # a payment method, as `cash`
    till_note = vault.EncryptedTextField(null=True)  # what whoever serves them should know
    is_made_up = models.BooleanField(default=False)
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.PROTECT, related_name="customers")
    registration = models.BinaryField(max_length=16, null=True)  # hash of who asked and their key
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)  # nothing is known of them any more; history may still name the row
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)

    written = models.TextField(db_collation="C")
    pinyin = models.TextField(db_collation="C")
    initials = models.TextField(db_collation="C")
    sort_key = models.TextField(db_collation="C")
    name_keys = NameKeysField()
    phone_mark = models.BinaryField(max_length=vault.MARK_BYTES, null=True)
    email_mark = models.BinaryField(max_length=vault.MARK_BYTES, null=True)
    identity_mark = models.BinaryField(max_length=vault.MARK_BYTES, null=True)
    blind_tokens = ArrayField(models.IntegerField(), default=list)
    index_key = models.IntegerField()  # the number of the index key that made marks and tokens

    class Meta:
        db_table = "customer"
        indexes: ClassVar = [
            models.Index(fields=["written", "id"], name="customer_by_name"),
            models.Index(fields=["pinyin", "id"], name="customer_by_pinyin"),
            models.Index(fields=["initials", "id"], name="customer_by_initials"),
            models.Index(fields=["sort_key", "id"], name="customer_in_order"),
            models.Index(fields=["home_store", "sort_key", "id"], name="customer_in_order_of_store"),
            models.Index(
                fields=["owner", "sort_key", "id"], name="customer_in_order_of_owner", condition=Q(owner__isnull=False)
            ),
            models.Index(fields=["created_at", "id"], name="customer_by_age"),
            models.Index(fields=["changed_at", "id"], name="customer_by_change"),
            GinIndex(fields=["tags"], name="customer_tags", gin_pending_list_limit=PENDING_KILOBYTES),
            models.Index(fields=["email_mark"], name="customer_by_email", condition=Q(email_mark__isnull=False)),
            models.Index(fields=["identity_mark"], name="customer_by_identity", condition=Q(identity_mark__isnull=False)),
            models.Index(fields=["merged_into"], name="customer_merged", condition=Q(merged_into__isnull=False)),
            GinIndex(fields=["name_keys"], name="customer_name_keys", gin_pending_list_limit=PENDING_KILOBYTES),
            GinIndex(fields=["custom_open"], name="customer_custom", gin_pending_list_limit=PENDING_KILOBYTES),
            GinIndex(fields=["blind_tokens"], name="customer_blind_tokens", gin_pending_list_limit=PENDING_KILOBYTES),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["phone_mark"], name="customer_phone_once"),
            models.UniqueConstraint(fields=["external_id"], name="customer_external_id_once"),
            models.UniqueConstraint(
                fields=["registration"], name="customer_registered_once", condition=Q(registration__isnull=False)
            ),
            models.CheckConstraint(
                name="customer_merged_is_withdrawn", condition=Q(merged_into=None) | Q(withdrawn_at__isnull=False)
            ),
            models.CheckConstraint(name="customer_changes_after_it_is_made", condition=Q(changed_at__gte=F("created_at"))),
        ]

    @property
    def now(self) -> "Customer":
        """The record that this one is part of, if it was merged; itself otherwise."""
        return self.merged_into or self

    @property
    def masked_name(self) -> str:
        return names.masked(self.name)

    @property
    def masked_phone(self) -> str:
        return contacts.masked_phone(self.phone) if self.phone else ""

    @property
    def masked_email(self) -> str:
        return contacts.masked_email(self.email) if self.email else ""

    @property
    def masked_identity_number(self) -> str:
        return contacts.masked_identity_number(self.identity_number) if self.identity_number else ""

    def index(self, keys: vault.Keys) -> None:
        """Bring the columns that find this row in line with its values, under the current index key."""
        index = indexes.of(name=self.name, phone=self.phone, email=self.email, identity_number=self.identity_number, keys=keys)
        for column, value in index._asdict().items():
            setattr(self, column, value)


class ImportLike(models.Model):
    """A new row of a file that may be of a customer who is here, or of another row; and what a person says is done with it.

    Who the row is of stands sealed beside the file, and is gone with it.
    """

    class Choice(models.TextChoices):
        UNDECIDED = "", _("Not said yet")
        UPDATE = "update", _("The same: change that one")
        NEW = "new", _("Somebody else: add them")
        LEAVE = "leave", _("Leave the row out")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="likes", db_index=False)
    line = models.IntegerField()
    why = models.CharField(max_length=20)  # of duplicates.Why
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    other = models.IntegerField(null=True)  # an earlier line
    choice = models.CharField(max_length=6, choices=Choice, blank=True, default=Choice.UNDECIDED)

    class Meta:
        db_table = "import_like"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "line"], name="import_like_once_a_line"),
            models.CheckConstraint(
                name="import_like_of_one",
                condition=Q(customer__isnull=False, other=None) | Q(customer=None, other__isnull=False),
            ),
            models.CheckConstraint(
                name="import_like_changes_a_customer", condition=~Q(choice="update") | Q(customer__isnull=False)
            ),
        ]


class FieldChange(models.Model):
    """One field of one customer, as it was and as it became. Any value may be personal, so all are sealed."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="changes", db_index=False)
    field = models.CharField(max_length=60)
    before = vault.EncryptedTextField(null=True)  # JSON; nothing stands for nothing
    after = vault.EncryptedTextField(null=True)
    is_sealed = models.BooleanField(default=False)  # of a personal field of the shop's own: told masked
    version = models.IntegerField()  # the customer's, right after the change
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.PROTECT, related_name="changes", db_index=False)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "customer_field_change"
        indexes: ClassVar = [
            models.Index(fields=["customer", "-id"], name="field_change_of_customer"),
            models.Index(fields=["batch", "customer"], name="field_change_of_import", condition=Q(batch__isnull=False)),
        ]


class Merge(models.Model):
    """Two records of one person became one: `gone` is part of `kept`. What is needed to undo it is kept with it, sealed."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="left_by")
    taken = ArrayField(models.CharField(max_length=20), default=list)  # the fields whose values came from `gone`
    before = vault.EncryptedTextField()  # JSON: the fields of both
    moved = models.JSONField(default=dict)  # by follower: what came over
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    undone_by = models.CharField(max_length=40, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customer_merge"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gone"], name="customer_merged_once", condition=Q(undone_at=None)),
            models.CheckConstraint(name="customer_merged_with_another", condition=~Q(kept=F("gone"))),
            models.CheckConstraint(name="customer_merge_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="customer_merge_undone_by_somebody",
                condition=Q(undone_at=None, undone_by="") | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
            ),
        ]
