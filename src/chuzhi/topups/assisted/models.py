"""What a customer asked an agent for, what they showed for it, and what was done about it. What is personal is sealed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.core.privileges import AppendOnly
from chuzhi.core.vault import EncryptedTextField
from chuzhi.organization.models import Store
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Wallet


class AssistedTopUp(models.Model):
    """One request. It is paid once: by the pay link of its `order`, or at a counter (`seq`, in the wallet's book).

    How it stands follows from these; nobody writes it down. An order that nobody paid makes way for another.
    """

    class Channel(models.TextChoices):
        PHONE = "phone", pgettext_lazy("channel", "Phone")
        EMAIL = "email", pgettext_lazy("channel", "E-mail")
        CHAT = "chat", pgettext_lazy("channel", "Chat")
        COUNTER = "counter", pgettext_lazy("channel", "Counter")
        LETTER = "letter", pgettext_lazy("channel", "Letter")

    class Speaker(models.TextChoices):
        HOLDER = "holder", _("The customer themselves")
        OTHER = "other", _("Somebody for them")

    class Verified(models.TextChoices):
        NO = "no", _("Not verified")
        CALLED_BACK = "called_back", _("Called back on the number on file")
        ADDRESS = "address", _("Wrote from the address on file")
        ANSWERS = "answers", _("Knew what only the customer knows")
        DOCUMENT = "document", _("Showed a document")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        LINKED = "linked", _("Pay link is out")
        LAPSED = "lapsed", _("Pay link not paid in time")
        CREDITED = "credited", _("Credited")
        REFUSED = "refused", _("Paid, and could not be credited")
        CLOSED = "closed", _("Closed without a top-up")

    is_replayed = False  # taken down now, or when its key came first

    number = models.CharField(max_length=32, unique=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="assisted")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    speaker = models.CharField(max_length=10, choices=Speaker)
    caller = EncryptedTextField(blank=True, default="")  # the name of whoever speaks for the customer
    verified = models.CharField(max_length=20, choices=Verified)
    amount = models.BigIntegerField()  # as it is wished
    currency = models.CharField(max_length=3)
    note = EncryptedTextField(blank=True, default="")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, related_name="assisted")  # the latest
    seq = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=200, blank=True)
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who took it down and their key
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "assisted_top_up"
        indexes: ClassVar = [models.Index(fields=["wallet", "-id"], name="assisted_top_up_by_wallet")]
        constraints: ClassVar = [
            models.CheckConstraint(name="assisted_top_up_is_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="assisted_top_up_closed_with_its_reason",
                condition=Q(closed_at=None, closed_because="") | (Q(closed_at__isnull=False, seq=None) & ~Q(closed_because="")),
            ),
        ]

    @property
    def status(self) -> Status:
        if self.closed_at is not None:
            return self.Status.CLOSED
        if self.seq is not None:
            return self.Status.CREDITED
        return _OF_ORDERS.get(Order.Stage(self.order.stage), self.Status.OPEN) if self.order else self.Status.OPEN

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.CREDITED, self.Status.CLOSED}

    @property
    def place(self) -> tuple[int, int] | None:
        """Book and seq of the top-up that it became."""
        if self.seq is not None:
            return self.wallet.book, self.seq
        if self.order is not None and self.order.book is not None and self.order.seq is not None:
            return self.order.book, self.order.seq
        return None


_OF_ORDERS = {
    Order.Stage.OPEN: AssistedTopUp.Status.LINKED,
    Order.Stage.EXPIRED: AssistedTopUp.Status.LAPSED,
    Order.Stage.CREDITED: AssistedTopUp.Status.CREDITED,
    Order.Stage.OWED: AssistedTopUp.Status.REFUSED,
    Order.Stage.RETURNED: AssistedTopUp.Status.REFUSED,
}
"""How a request stands that has an order; a cancelled one leaves it open."""


def standing(status: AssistedTopUp.Status) -> Q:
    """Requests that stand so: what `AssistedTopUp.status` says, for a whole table."""
    if status == AssistedTopUp.Status.CLOSED:
        return Q(closed_at__isnull=False)
    stages = [stage for stage, is_like in _OF_ORDERS.items() if is_like == status]
    found = Q(seq=None, order__stage__in=stages)
    if status == AssistedTopUp.Status.CREDITED:
        found = found | Q(seq__isnull=False)
    if status == AssistedTopUp.Status.OPEN:
        found = Q(seq=None) & (Q(order=None) | Q(order__stage=Order.Stage.CANCELLED))
    return Q(closed_at=None) & found


class AssistedDocument(models.Model):
    """Evidence. Its content is sealed on disk (`core.documents`)."""

    request = models.ForeignKey(AssistedTopUp, on_delete=models.CASCADE, related_name="documents")
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.IntegerField()

    class Meta:
        db_table = "assisted_document"


class AssistedStep(AppendOnly):
    """One line of a request's story. `about` names what it was done to: an order, a card, an operation."""

    class Kind(models.TextChoices):
        TAKEN_DOWN = "taken_down", _("Taken down")
        CLEARED = "cleared", _("Cleared")
        LINK_MADE = "link_made", _("Pay link made")
        LINK_SENT = "link_sent", _("Pay link sent")
        TENDERED = "tendered", _("Paid at the counter")
        CLOSED = "closed", _("Closed without a top-up")

    request = models.ForeignKey(AssistedTopUp, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "assisted_step"
        indexes: ClassVar = [models.Index(fields=["about"], name="assisted_step_by_about", condition=~Q(about=""))]
        constraints: ClassVar = [
            models.CheckConstraint(name="assisted_step_says_why", condition=~Q(kind__in=["cleared", "closed"]) | ~Q(reason="")),
        ]
