"""Orders for stored value and mandates for automatic ones: what was shown and agreed to, and what became of it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Store
from chuzhi.payments.models import Account, Agreement, Payment
from chuzhi.topups import channels
from chuzhi.topups.channels import Channel
from chuzhi.topups.offer_models import Benefit, GiftPart, Offer, OfferBand, OfferGift, OfferTerms, OfferUse
from chuzhi.wallets.models import ProgrammeTerms, Wallet

__all__ = [
    "AgentCredit",
    "Benefit",
    "Channel",
    "FollowUp",
    "GiftPart",
    "Mandate",
    "MandateEvent",
    "Offer",
    "OfferBand",
    "OfferGift",
    "OfferTerms",
    "OfferUse",
    "Order",
    "Reservation",
    "Uncleared",
]


class Order(models.Model):
    """Somebody wants to top up a wallet. Its `number` is also its address for the payer, so it cannot be guessed.

    It is credited once at most. Money that came for it and could not be credited goes back (`owed`, then `returned`).
    """

    class Stage(models.TextChoices):
        OPEN = "open", _("Waiting for payment")
        CREDITED = "credited", _("Credited")
        EXPIRED = "expired", _("Not paid in time")
        OWED = "owed", _("Paid, to be given back")
        RETURNED = "returned", _("Given back")
        CANCELLED = "cancelled", _("Cancelled")

    Channel = channels.Channel
    is_replayed = False  # placed now, or when its key came first
    band: int | None = None  # of an offer, that is kept for it: read by `settling`

    number = models.CharField(max_length=32, unique=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="orders")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    bonus = models.BigIntegerField(default=0)  # as it was shown
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPEN)
    asked_for = models.CharField(max_length=260, unique=True)  # by whom and by which key
    device = models.CharField(max_length=32, blank=True)  # a hash: enough to know one again
    request = models.CharField(max_length=32, blank=True)  # that it was placed for: the number of an assisted top-up
    book = models.SmallIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    terms = models.ForeignKey(ProgrammeTerms, on_delete=models.PROTECT, null=True, related_name="+")  # as they were shown
    accepted_at = models.DateTimeField(null=True)  # the terms, by going on to pay
    given = models.BigIntegerField(null=True)  # bonus that came with it, once credited
    repaid = models.BigIntegerField(default=0)  # what of it went into a debt of the wallet
    refusal = models.CharField(max_length=40, blank=True)  # why it could not be credited
    reminded_times = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "top_up_order"
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="top_up_order_newest_first"),
            models.Index(fields=["wallet", "-created_at"], name="top_up_order_by_wallet"),
            models.Index(fields=["expires_at"], name="top_up_order_open", condition=Q(stage="open")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="top_up_order_is_of_something", condition=Q(amount__gt=0, bonus__gte=0)),
            models.CheckConstraint(
                name="top_up_order_brought_what_can_be",
                condition=(Q(given=None) | Q(given__gte=0)) & Q(repaid__gte=0, repaid__lte=F("amount")),
            ),
            models.CheckConstraint(name="top_up_order_ends_after_it_began", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(
                name="top_up_order_credited_has_its_entry",
                condition=~Q(stage="credited") | Q(book__isnull=False, seq__isnull=False),
            ),
            models.CheckConstraint(
                name="top_up_order_owed_says_why", condition=~Q(stage__in=["owed", "returned"]) | ~Q(refusal="")
            ),
        ]

    @property
    def is_payable(self) -> bool:
        return self.stage == self.Stage.OPEN and self.expires_at > timezone.now()


class Reservation(models.Model):
    """What an order was promised: a band of an offer, and so much of its budget, until the order is paid or over.

    An offer that is limited for each payer counts it from the moment on that somebody begins to pay the order.
    """

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.PROTECT, related_name="reservation")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    band = models.ForeignKey(OfferBand, on_delete=models.PROTECT, related_name="+")
    wallet = models.BigIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    worth = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "top_up_reservation"
        indexes: ClassVar = [
            models.Index(fields=["customer", "wallet"], name="top_up_reservation_of_payer", condition=Q(ended_at=None)),
            models.Index(fields=["offer"], name="top_up_reservation_of_offer", condition=Q(ended_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="top_up_reservation_has_a_worth", condition=Q(worth__gte=0)),
        ]


class AgentCredit(AppendOnly):
    """Which agent a top-up came in through, and at whose request: written with the operation, as one fact."""

    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    request = models.CharField(max_length=32, db_index=True)
    agent = models.CharField(max_length=40)

    class Meta:
        db_table = "top_up_agent"
        constraints: ClassVar = [models.UniqueConstraint(fields=["book", "seq"], name="top_up_agent_once")]


class Uncleared(models.Model):
    """What an order brought is credited and held (`hold` is the ledger's number), until the payment has cleared."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.PROTECT, related_name="uncleared")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    hold = models.BigIntegerField()
    until = models.DateTimeField(null=True)  # NULL: until the provider's bill names it
    cleared_at = models.DateTimeField(null=True)  # let go before its time, by whom it says
    cleared_by = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "top_up_uncleared"
        indexes: ClassVar = [
            models.Index(fields=["payment"], name="top_up_uncleared_waiting", condition=Q(cleared_at=None, until=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="top_up_uncleared_cleared_by_somebody",
                condition=Q(cleared_at=None, cleared_by="") | (Q(cleared_at__isnull=False) & ~Q(cleared_by="")),
            ),
        ]


class FollowUp(models.Model):
    """How orders are followed up that nobody pays: one row, as the shop set it."""

    remind_after = ArrayField(models.IntegerField())  # minutes from the order, rising
    asked_open_hours = models.IntegerField()  # of orders that a colleague made for a customer
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "top_up_follow_up"
        constraints: ClassVar = [
            models.CheckConstraint(name="top_up_follow_up_is_one", condition=Q(pk=1)),
            models.CheckConstraint(name="top_up_follow_up_leaves_time", condition=Q(asked_open_hours__gt=0)),
        ]


class Mandate(models.Model):
    """Amounts in minor units. `amount` is what is charged, or with `refills` the balance that is filled up to."""

    class Trigger(models.TextChoices):
        MONTHLY = "monthly", _("Every month on a day")
        LOW = "low", _("When the balance falls below")

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting to be confirmed with the provider")
        ACTIVE = "active", _("In force")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    is_replayed = False  # agreed to now, or when its key came first

    number = models.CharField(max_length=32, unique=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="mandates")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, null=True, related_name="mandate")
    trigger = models.CharField(max_length=10, choices=Trigger)
    amount = models.BigIntegerField()
    refills = models.BooleanField(default=False)
    day = models.SmallIntegerField(null=True)  # of the month; the last day where a month has fewer
    floor = models.BigIntegerField(null=True)
    most_a_month = models.BigIntegerField()
    text_version = models.SmallIntegerField()
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    announced_for = models.DateField(null=True)  # the day whose charge the customer was told of
    announced_at = models.DateTimeField(null=True)
    announced_there_at = models.DateTimeField(null=True)  # through the provider, where it wants that
    failures = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)  # when the clock should look at it next
    asked_for = models.CharField(max_length=260, unique=True)
    agreed_by = models.CharField(max_length=40)
    agreed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "top_up_mandate"
        indexes: ClassVar = [
            models.Index(fields=["look_at"], name="top_up_mandate_due", condition=Q(stage="active")),
            models.Index(fields=["wallet"], name="top_up_mandate_by_wallet"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet"], condition=~Q(stage="ended"), name="top_up_mandate_one_a_wallet"),
            models.CheckConstraint(name="top_up_mandate_amounts", condition=Q(amount__gt=0, most_a_month__gte=1)),
            models.CheckConstraint(
                name="top_up_mandate_has_its_trigger",
                condition=Q(trigger="monthly", day__range=(1, 31), floor=None) | Q(trigger="low", day=None, floor__gt=0),
            ),
        ]


class MandateEvent(AppendOnly):
    """One line of a mandate's story, as its customer may read it."""

    class Kind(models.TextChoices):
        AGREED = "agreed", _("Agreed")
        CONFIRMED = "confirmed", _("Confirmed with the provider")
        ANNOUNCED = "announced", _("Announced")
        CHARGED = "charged", _("Charge begun")
        CREDITED = "credited", _("Credited")
        DECLINED = "declined", _("Declined")
        SKIPPED = "skipped", _("Not charged")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Goes on")
        ENDED = "ended", _("Ended")

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.BigIntegerField(null=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="mandate_events")
    reason = models.CharField(max_length=80, blank=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "top_up_mandate_event"
        indexes: ClassVar = [models.Index(fields=["mandate", "-id"], name="top_up_mandate_event_story")]
