"""What the shop promised (programmes and their terms), who holds it (wallets), and what is shown at the till (cards).

How much is in a wallet is not here: the ledger alone knows.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer
from chuzhi.ledger.operations import Order


class Programme(models.Model):
    """One kind of stored value on offer, such as “member stored value in yuan”."""

    class Kind(models.TextChoices):
        MONEY = "money", _("Money")
        POINTS = "points", _("Points")
        VISITS = "visits", _("Visits")

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    asset = models.CharField(max_length=40)  # CNY, POINTS, VISITS:haircut
    kind = models.CharField(max_length=10, choices=Kind)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "programme"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="programme_asset_is_of_its_kind",
                condition=Q(kind="points", asset="POINTS")
                | Q(kind="visits", asset__startswith="VISITS:")
                | Q(kind="money", asset__regex="^[A-Z]{3}$"),
            ),
        ]


class ProgrammeTerms(AppendOnly):
    """One version of what a programme promises. Lots keep the number of the terms they were sold under.

    Amounts in minor units; an empty limit is no limit, empty days are no expiry, empty stores are all stores.
    """

    class DeductionOrder(models.TextChoices):
        PRINCIPAL_FIRST = Order.PRINCIPAL_FIRST, _("Principal first")
        BONUS_FIRST = Order.BONUS_FIRST, _("Bonus first")
        PROPORTIONAL = Order.PROPORTIONAL, _("In proportion")
        SOONEST_EXPIRY = Order.SOONEST_EXPIRY, _("Soonest expiry first")

    class RefundOrder(models.TextChoices):
        LAST_FIRST = "last_first", _("Last consumed first")
        PROPORTIONAL = "proportional", _("In proportion")

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="terms")
    version = models.IntegerField()
    accepted_from = models.DateTimeField()
    order = models.CharField(max_length=20, choices=DeductionOrder, default=DeductionOrder.PRINCIPAL_FIRST)
    refund_order = models.CharField(max_length=20, choices=RefundOrder, default=RefundOrder.LAST_FIRST)
    refund_grace_days = models.IntegerField(default=30)
    most_per_charge = models.BigIntegerField(null=True)
    most_charged_a_day = models.BigIntegerField(null=True)
    most_per_top_up = models.BigIntegerField(null=True)
    most_topped_up_a_day = models.BigIntegerField(null=True)
    most_held = models.BigIntegerField(null=True)
    principal_valid_days = models.IntegerField(null=True)
    bonus_valid_days = models.IntegerField(null=True)
    stores = ArrayField(models.IntegerField(), default=list)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "programme_terms"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "version"], name="terms_version_once"),
            models.CheckConstraint(
                name="terms_limits_leave_something",
                condition=(Q(most_per_charge=None) | Q(most_per_charge__gt=0))
                & (Q(most_charged_a_day=None) | Q(most_charged_a_day__gt=0))
                & (Q(most_per_top_up=None) | Q(most_per_top_up__gt=0))
                & (Q(most_topped_up_a_day=None) | Q(most_topped_up_a_day__gt=0))
                & (Q(most_held=None) | Q(most_held__gt=0)),
            ),
            models.CheckConstraint(
                name="terms_days_are_days",
                condition=Q(refund_grace_days__gte=0)
                & (Q(principal_valid_days=None) | Q(principal_valid_days__gt=0))
                & (Q(bonus_valid_days=None) | Q(bonus_valid_days__gt=0)),
            ),
        ]


class OfferBand(AppendOnly):
    """Pay this much at once and get that much as a bonus: “500 gets 80”. Minor units."""

    id = models.AutoField(primary_key=True)
    terms = models.ForeignKey(ProgrammeTerms, on_delete=models.PROTECT, related_name="bands")
    pay = models.BigIntegerField()
    bonus = models.BigIntegerField()

    class Meta:
        db_table = "offer_band"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "pay"], name="offer_band_once"),
            models.CheckConstraint(name="offer_band_gives_something", condition=Q(pay__gt=0, bonus__gt=0)),
        ]


class Wallet(models.Model):
    """A customer's share in one programme, or (no customer) a bearer's. `book` never changes: it is in every ledger key."""

    id = models.BigAutoField(primary_key=True)
    book = models.SmallIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="wallets")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="wallets")
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who asked and their key
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "wallet"


class Card(models.Model):
    """A number that finds a wallet. A lost or dead card finds nothing any more."""

    class Kind(models.TextChoices):
        NAMED = "named", _("Named")
        BEARER = "bearer", _("Bearer")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        LOST = "lost", _("Lost")
        DEAD = "dead", _("Dead")

    id = models.BigAutoField(primary_key=True)
    book = models.SmallIntegerField()
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="cards")
    number = models.CharField(max_length=40, unique=True)  # ours, or brought from elsewhere
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who asked and their key
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "card"


class Transfer(models.Model):
    """A transfer under way or done: made with its first half, finished with its second. Its key is the first half's."""

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    wallet = models.BigIntegerField()
    to_book = models.SmallIntegerField()
    to_wallet = models.BigIntegerField()
    started_at = models.DateTimeField()
    arrived_seq = models.BigIntegerField(null=True)
    is_returned = models.BooleanField(default=False)

    class Meta:
        db_table = "transfer"
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="transfer_unfinished", condition=Q(arrived_seq=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="transfer_is_to_another", condition=~Q(wallet=F("to_wallet"))),
        ]


class Opening(models.Model):
    """The value that one row of an import brings: written with the customers, posted soon after, and perhaps reversed.

    Minor units. `seq` and `reversed_seq` are the operations that did it; the rows are what an interrupted import goes on from.
    """

    pk = models.CompositePrimaryKey("book", "batch", "line")
    book = models.SmallIntegerField()
    batch = models.BigIntegerField()  # the import
    line = models.IntegerField()  # of its file
    wallet = models.BigIntegerField()
    principal = models.BigIntegerField()
    principal_at = models.DateTimeField()
    principal_expires_at = models.DateTimeField(null=True)
    bonus = models.BigIntegerField()
    bonus_at = models.DateTimeField()
    bonus_expires_at = models.DateTimeField(null=True)
    terms = models.IntegerField()
    seq = models.BigIntegerField(null=True)
    reversed_seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "opening"
        indexes: ClassVar = [
            models.Index(fields=["batch", "line"], name="opening_to_post", condition=Q(seq=None)),
            models.Index(fields=["batch", "book", "line"], name="opening_by_import"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="opening_brings_something", condition=Q(principal__gte=0, bonus__gte=0) & ~Q(principal=0, bonus=0)
            ),
        ]
