"""What a customer came with, and every step of what was said and done about it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals.models import Request
from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer
from chuzhi.desk.contact_models import ContactCode, VerifiedContact
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets import moves
from chuzhi.wallets.models import Card, Wallet

__all__ = ["ContactCode", "Mention", "Step", "Ticket", "VerifiedContact", "Words"]


class Ticket(models.Model):
    """One matter of one customer, until it is resolved; another note opens it again."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        QUESTION = "question", _("Question")
        LOSS = "loss", _("Loss")
        OTHER = "other", _("Something else")

    class Channel(models.TextChoices):
        PHONE = "phone", _("By phone")
        COUNTER = "counter", _("At the counter")
        EMAIL = "email", _("By e-mail")
        ONLINE = "online", _("On line")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel)
    subject = models.CharField(max_length=100)
    text = vault.EncryptedTextField(blank=True, default="")  # what the customer said
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")  # where it was taken down
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    assigned_to = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who opened it and their key
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True)  # when what was said was, because its time was over

    class Meta:
        db_table = "ticket"
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="ticket_by_time"),
            models.Index(fields=["customer", "-id"], name="ticket_by_customer"),
            models.Index(fields=["assigned_to"], name="ticket_to_do", condition=~Q(state="resolved")),
        ]
        constraints: ClassVar = [models.CheckConstraint(name="ticket_is_about_something", condition=~Q(subject=""))]

    @property
    def number(self) -> str:
        """How people say which one they mean, and what stands as the evidence of an entry."""
        return f"T{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != self.State.RESOLVED


class Step(AppendOnly):
    """One line of a ticket's history, in the order of its numbers. What was said stands sealed in `Words`."""

    class Kind(models.TextChoices):
        NOTED = "noted", _("Note")
        WAITING = "waiting", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")
        HANDED = "handed", _("Given to a colleague")
        CREDITED = "credited", _("Bonus given")
        CREDIT_ASKED = "credit_asked", _("Bonus sent for approval")
        FROZEN = "frozen", _("Wallet frozen")
        UNFROZEN = "unfrozen", _("Wallet unfrozen")
        CARD_LOST = "card_lost", _("Card reported lost")
        CARD_REPLACED = "card_replaced", _("Card replaced")
        MESSAGE_SENT = "message_sent", _("Message sent again")
        REFUND_ASKED = "refund_asked", _("Balance refund asked for")

    ENTRIES = (Kind.CREDITED, Kind.FROZEN, Kind.UNFROZEN)

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    kind = models.CharField(max_length=15, choices=Kind)
    to = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    wallet = models.ForeignKey(Wallet, null=True, on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField(null=True)  # of the entry in the wallet's book
    amount = models.BigIntegerField(null=True)  # smallest units of what the wallet holds
    approval = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    card = models.ForeignKey(Card, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    refund = models.BigIntegerField(null=True)  # the number of a request for a balance refund
    delivery = models.BigIntegerField(null=True)  # the number of a message by its channel
    mentioned = models.ManyToManyField(Staff, through="Mention", related_name="+")
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "ticket_step"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "number"], name="ticket_step_number_once"),
            models.UniqueConstraint(fields=["wallet", "seq"], name="ticket_step_entry_once"),
            models.UniqueConstraint(fields=["approval"], name="ticket_step_approval_once"),
            models.UniqueConstraint(fields=["refund"], name="ticket_step_refund_once"),
            models.CheckConstraint(
                name="ticket_step_names_what_was_done",
                condition=Q(kind__in=["credited", "frozen", "unfrozen"], wallet__isnull=False, seq__isnull=False)
                | Q(kind="credit_asked", wallet__isnull=False, seq=None, approval__isnull=False)
                | Q(kind__in=["card_lost", "card_replaced"], wallet__isnull=False, seq=None, card__isnull=False)
                | Q(kind="message_sent", wallet=None, seq=None, delivery__isnull=False)
                | Q(kind="refund_asked", wallet__isnull=False, seq=None, refund__isnull=False)
                | Q(
                    kind__in=["noted", "waiting", "resolved", "handed"],
                    wallet=None,
                    seq=None,
                    approval=None,
                    card=None,
                    refund=None,
                    delivery=None,
                ),
            ),
        ]

    @property
    def entry(self) -> str:
        """What it came to in the journal, at once or once it was approved: `12-346`, or nothing."""
        if self.wallet is not None and self.seq is not None:
            return moves.operation_id(self.wallet.book, self.seq)
        return self.approval.result if self.approval else ""


class Mention(AppendOnly):
    """A colleague who was told of a step, for their name stands in what was said."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "ticket_mention"
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "staff"], name="ticket_mention_once")]


class Words(models.Model):
    """What was said with a step. Sealed, so apart from the step: its key is changed from time to time, history never is."""

    step = models.OneToOneField(Step, primary_key=True, on_delete=models.PROTECT, related_name="words")
    text = vault.EncryptedTextField()

    class Meta:
        db_table = "ticket_words"
