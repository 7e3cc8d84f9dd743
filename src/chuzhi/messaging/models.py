"""What was to be said to whom, how each channel fared, and the shop's own words."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff


class Message(models.Model):
    """One thing to be told to one person: written in the transaction of what it is about, told once.

    Somebody whom we know by an address alone is a `stranger`: their address and language. What nobody but the recipient may read
    (`secrets`) is kept sealed until it was sent, and then no more.
    """

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)  # what it is about: operation:12-345
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="messages")
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="messages")
    stranger = vault.EncryptedTextField(null=True)
    language = models.CharField(max_length=10, blank=True, default="")  # of a stranger
    facts = models.JSONField()
    secrets = vault.EncryptedTextField(null=True)  # a JSON object of texts
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "message"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject", "customer"], name="message_to_a_customer_once"),
            models.UniqueConstraint(fields=["kind", "subject", "staff"], name="message_to_a_colleague_once"),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(customer=None, staff=None), name="message_to_a_stranger_once"
            ),
            models.CheckConstraint(
                name="message_is_to_one_person",
                condition=Q(customer=None, staff__isnull=False, stranger__isnull=True)
                | Q(customer__isnull=False, staff=None, stranger__isnull=True)
                | Q(customer=None, staff=None, stranger__isnull=False),
            ),
        ]


class Delivery(models.Model):
    """One message by one channel. What was said is kept as it was said, sealed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not set up")
        UNKNOWN = "unknown", _("Perhaps sent")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    copy = models.IntegerField(default=1)  # raised when a person sends it again
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=60, default="")
    reference = models.CharField(max_length=200, default="")  # the channel's own number
    title = vault.EncryptedTextField(null=True)
    body = vault.EncryptedTextField(null=True)
    read_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)  # when its words were, because their time was over

    class Meta:
        db_table = "message_delivery"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="message_delivery_due", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["state", "id"], name="message_delivery_by_state"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "channel"], name="message_delivery_once_a_channel"),
            models.CheckConstraint(
                name="message_delivery_sent_says_what",
                condition=~Q(state="sent") | Q(body__isnull=False) | Q(forgotten_at__isnull=False),
            ),
        ]


class Wording(models.Model):
    """The shop's own words for a kind of message in one language. Data: places in braces are filled, nothing is run."""

    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    body = models.TextField()
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "message_wording"
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "language"], name="message_wording_once")]
