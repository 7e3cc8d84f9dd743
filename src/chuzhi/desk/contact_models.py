"""Which contact details of a customer were shown to be theirs, and the codes by which that was done."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer


class VerifiedContact(AppendOnly):
    """A phone or an e-mail address was shown to be the customer's. It holds until that detail changes."""

    class Contact(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")

    class How(models.TextChoices):
        CODE = "code", _("A code was sent to it, and they knew it")
        CALL = "call", _("We called back, and they answered")
        DOCUMENT = "document", _("They came in person, with a document")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.CharField(max_length=5, choices=Contact)
    how = models.CharField(max_length=10, choices=How)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "verified_contact"
        indexes: ClassVar = [models.Index(fields=["customer", "contact", "-id"], name="verified_contact_of_customer")]


class ContactCode(models.Model):
    """A code that was sent to a customer's address. It is good once, for a while, and for a few tries."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    code_hash = models.BinaryField(max_length=32)
    sent_by = models.CharField(max_length=40)
    sent_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_code"
        indexes: ClassVar = [models.Index(fields=["customer", "-id"], name="contact_code_of_customer")]
