"""What was asked back, what it came to and why, and what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.vault import EncryptedTextField
from chuzhi.wallets.models import Wallet


class RefundRequest(models.Model):
    """Money that a customer asks back. From asking to the end the value is held; whoever asked never decides.

    `amount` in minor units of `currency`. `hold` is the number of the promise in the wallet's book.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("To be decided")
        APPROVED = "approved", _("To be paid")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        PAID = "paid", _("Paid")

    class Cause(models.TextChoices):
        CUSTOMER = "customer", _("The customer")
        MERCHANT = "merchant", _("The merchant")

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        BANK = "bank", _("Bank transfer")
        TERMINAL = "terminal", _("Card terminal")

    OPEN = (Status.ASKED, Status.APPROVED)

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="refund_requests")
    store = models.IntegerField(null=True)
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    hold = models.BigIntegerField(null=True)
    method = models.CharField(max_length=10, choices=Method)
    payee = EncryptedTextField(blank=True, default="")  # the account it is to go to, as the customer said it
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who asked and their key
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)
    paid_by = models.CharField(max_length=40, blank=True)
    paid_at = models.DateTimeField(null=True)
    paid_with = models.CharField(max_length=10, choices=Method, blank=True)
    reference = models.CharField(max_length=100, blank=True)  # of the payment: a bank's number, a slip

    class Meta:
        db_table = "refund_request"
        indexes: ClassVar = [
            models.Index(fields=["wallet"], name="refund_by_wallet"),
            models.Index(fields=["due_on"], name="refund_to_do", condition=Q(status__in=["asked", "approved"])),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="refund_gives_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_needs_two_people",
                condition=~Q(status__in=["approved", "refused", "paid"]) | (~Q(decided_by="") & ~Q(decided_by=F("asked_by"))),
            ),
            models.CheckConstraint(
                name="refund_is_paid_by_somebody_somehow",
                condition=~Q(status="paid") | (~Q(paid_by="") & ~Q(paid_with="") & ~Q(reference="")),
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()


class RefundPart(models.Model):
    """What of it is for one top-up, under which terms and pack, with the calculation as it was when it was asked for."""

    request = models.ForeignKey(RefundRequest, on_delete=models.CASCADE, related_name="parts")
    top_up = models.BigIntegerField()  # seq in the wallet's book
    terms = models.IntegerField(null=True)  # version
    pack = models.CharField(max_length=40)
    amount = models.BigIntegerField()  # money
    units = models.BigIntegerField()  # of the wallet's asset, all that is held
    lines = models.JSONField()  # [[step, amount, rule or "", figures], …]

    class Meta:
        db_table = "refund_part"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "top_up"], name="refund_part_once"),
            models.CheckConstraint(name="refund_part_gives_something", condition=Q(amount__gt=0, units__gt=0)),
        ]


class RefundDocument(models.Model):
    """Evidence. Its content is sealed on disk (`core.documents`)."""

    request = models.ForeignKey(RefundRequest, on_delete=models.CASCADE, related_name="documents")
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.IntegerField()

    class Meta:
        db_table = "refund_document"
