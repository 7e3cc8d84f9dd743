from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers import contacts, indexes
from chuzhi.customers.namekeys import NameKeysField
from chuzhi.organization.models import Store

PENDING_KILOBYTES = 512
"""Searches read the not yet sorted part of a GIN index from end to end; it is kept small enough not to be felt."""


class ImportBatch(models.Model):
    """One file of customers and opening balances: read, then applied as a whole, and reversible as a whole."""

    class State(models.TextChoices):
        READ = "read", _("Checked")
        APPLIED = "applied", _("Applied")
        REVERSED = "reversed", _("Reversed")

    state = models.CharField(max_length=10, choices=State, default=State.READ)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    mapping = models.JSONField(default=dict)  # field -> header
    new = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    principal = models.BigIntegerField(default=0)  # minor units, of the rows that are not refused
    bonus = models.BigIntegerField(default=0)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_batch"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sha256"], condition=Q(state="applied"), name="import_of_one_file_applied_once"),
            models.CheckConstraint(
                name="import_state_has_its_time",
                condition=Q(state="read", applied_at=None)
                | Q(state="applied", applied_at__isnull=False, reversed_at=None)
                | Q(state="reversed", reversed_at__isnull=False),
            ),
        ]


class Customer(models.Model):
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
    is_made_up = models.BooleanField(default=False)
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.PROTECT, related_name="customers")
    registration = models.BinaryField(max_length=16, null=True)  # hash of who asked and their key
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)  # nothing is known of them any more; history may still name the row

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
            models.Index(fields=["email_mark"], name="customer_by_email", condition=Q(email_mark__isnull=False)),
            models.Index(fields=["identity_mark"], name="customer_by_identity", condition=Q(identity_mark__isnull=False)),
            GinIndex(fields=["name_keys"], name="customer_name_keys", gin_pending_list_limit=PENDING_KILOBYTES),
            GinIndex(fields=["blind_tokens"], name="customer_blind_tokens", gin_pending_list_limit=PENDING_KILOBYTES),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["phone_mark"], name="customer_phone_once"),
            models.UniqueConstraint(fields=["external_id"], name="customer_external_id_once"),
            models.UniqueConstraint(
                fields=["registration"], name="customer_registered_once", condition=Q(registration__isnull=False)
            ),
            models.CheckConstraint(name="customer_changes_after_it_is_made", condition=Q(changed_at__gte=F("created_at"))),
        ]

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


class ImportedChange(models.Model):
    """What an import overwrote on a customer who was already here, kept to put it back."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="changes")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    book = models.SmallIntegerField()
    version = models.IntegerField()  # the customer's, right after the import
    before = vault.EncryptedTextField()  # JSON of the overwritten values

    class Meta:
        db_table = "imported_change"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "customer"], name="import_changes_a_customer_once"),
        ]
