from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers import contacts
from chuzhi.wallets.models import Card, Programme


class CardApplication(models.Model):
    """What somebody says who wants a named card. What is personal is sealed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    number = models.CharField(max_length=32, blank=True, default="")  # its address, which nobody can guess
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name = vault.EncryptedTextField()
    phone = vault.EncryptedTextField()  # E.164
    email = vault.EncryptedTextField(null=True)
    identity_number = vault.EncryptedTextField(null=True)
    language = models.CharField(max_length=10, blank=True, default="")
    source = models.CharField(max_length=64, blank=True, default="")  # the address that it came from, if from the applicant
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    filed_by = models.CharField(max_length=40)
    filed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    card = models.OneToOneField(Card, null=True, on_delete=models.PROTECT, related_name="application")
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who filed it and their key
    forgotten_at = models.DateTimeField(null=True)  # when what is personal was, because its time was over

    class Meta:
        db_table = "card_application"
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="card_application_queue"),
            models.Index(fields=["source", "filed_at"], name="card_application_by_source", condition=~Q(source="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="card_application_number_once"),
            models.CheckConstraint(
                name="card_application_is_decided_once",
                condition=Q(state="waiting", decided_at=None, card=None)
                | Q(state="approved", decided_at__isnull=False, card__isnull=False)
                | (Q(state="rejected", decided_at__isnull=False, card=None) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="card_application_needs_two",
                condition=~Q(filed_by=models.F("decided_by")),
            ),
        ]

    @property
    def is_by_applicant(self) -> bool:
        return bool(self.source)

    @property
    def masked_phone(self) -> str:
        return contacts.masked_phone(self.phone) if self.phone else ""

    @property
    def masked_identity_number(self) -> str:
        return contacts.masked_identity_number(self.identity_number) if self.identity_number else ""


class ApplicationDocument(models.Model):
    """A picture or PDF that was handed in, sealed like everything personal."""

    application = models.ForeignKey(CardApplication, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=40)
    size = models.IntegerField()  # bytes
    content = vault.EncryptedTextField()  # base64

    class Meta:
        db_table = "application_document"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="application_document_is_of_a_known_type",
                condition=Q(content_type__in=["application/pdf", "image/jpeg", "image/png"], size__gt=0),
            ),
        ]
