"""What is about to be sold at a counter, and what was: a sale is written with the charge that paid for it and carries its place
in the journal.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.catalogue.models import Product
from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly
from chuzhi.organization.models import Store
from chuzhi.payments.counter.slips import NO_BOOK
from chuzhi.payments.models import Payment
from chuzhi.webhooks.models import Endpoint


class Sale(AppendOnly):
    """One sale: `amount` was asked, `paid` was taken from the wallet (less, where it paid what it could). Minor units.

    Without a wallet it is in no book, and its seq is the number of its basket.
    """

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    wallet = models.BigIntegerField(null=True)
    store = models.IntegerField()
    till = models.IntegerField(null=True)
    amount = models.BigIntegerField()
    paid = models.BigIntegerField()
    reference = models.CharField(max_length=200)
    actor = models.CharField(max_length=40)
    sold_at = models.DateTimeField()
    served_by = models.IntegerField(null=True)  # a colleague, where it was not whoever charged
    basket = models.BigIntegerField(null=True)

    class Meta:
        db_table = "sale"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="sale_is_paid_at_most_once",
                condition=Q(book__gte=0, wallet__isnull=False, paid__gt=0, amount__gte=F("paid"))
                | Q(book=NO_BOOK, wallet=None, paid=0, amount__gt=0, basket=F("seq")),
            ),
        ]


class SaleLine(AppendOnly):
    """One line of a sale. `quantity` as it was said (“2”, “0.35 kg”); `amount` is the line's whole, in minor units."""

    pk = models.CompositePrimaryKey("book", "seq", "line")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    line = models.SmallIntegerField()
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    quantity = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    product = models.IntegerField(null=True)
    category = models.IntegerField(null=True)
    price = models.BigIntegerField(null=True)  # of one, as it was that day
    discount = models.BigIntegerField(default=0)

    class Meta:
        db_table = "sale_line"
        constraints: ClassVar = [
            models.CheckConstraint(name="sale_line_costs_something", condition=Q(amount__gt=0)),
        ]


class SoldMembership(AppendOnly):
    """A line of a sale that prolongs a membership: so many of it, by `months` each, from its `day` on."""

    pk = models.CompositePrimaryKey("book", "seq", "line")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    line = models.SmallIntegerField()
    wallet = models.BigIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    months = models.SmallIntegerField()
    quantity = models.IntegerField()
    day = models.DateField()

    class Meta:
        db_table = "sold_membership"
        indexes: ClassVar = [models.Index(fields=["wallet"], name="sold_membership_of_a_wallet")]
        constraints: ClassVar = [
            models.CheckConstraint(name="sold_membership_lasts", condition=Q(months__gt=0, quantity__gt=0)),
        ]


class SaleReturn(AppendOnly):
    """Goods of a sale came back: `amount` was given back, `to_wallet` of it to the wallet, the rest to the sale's tenders."""

    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    amount = models.BigIntegerField()
    to_wallet = models.BigIntegerField()
    refund = models.BigIntegerField(null=True)  # the seq of the wallet's part
    reason = models.CharField(max_length=200)
    asked_for = models.CharField(max_length=250, unique=True)  # by whom and by which key
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "sale_return"
        indexes: ClassVar = [
            models.Index(fields=["book", "refund"], name="sale_return_by_refund"),
            models.Index(fields=["book", "seq"], name="sale_return_of_a_sale"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="sale_return_gives_something", condition=Q(amount__gt=0, to_wallet__gte=0, amount__gte=F("to_wallet"))
            ),
            models.CheckConstraint(
                name="sale_return_to_wallet_is_in_the_journal",
                condition=Q(to_wallet=0, refund=None) | Q(to_wallet__gt=0, refund__isnull=False),
            ),
        ]


class ReturnedLine(AppendOnly):
    """So much of one line of the sale came back with a return, and what of its price: thousandths, minor units."""

    came_back = models.ForeignKey(SaleReturn, on_delete=models.PROTECT, related_name="lines")
    line = models.SmallIntegerField()
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "returned_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["came_back", "line"], name="returned_line_once_a_return"),
            models.CheckConstraint(name="returned_line_of_something", condition=Q(quantity__gt=0, amount__gte=0)),
        ]


class Basket(models.Model):
    """What somebody is about to buy. Held, it waits for any till of its store; paid, it is the sales that it became."""

    class State(models.TextChoices):
        OPEN = "open", _("At a till")
        HELD = "held", _("Held")
        PAYING = "paying", _("being paid by code")
        PAID = "paid", _("Paid")
        DROPPED = "dropped", _("Given up")

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    till = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    currency = models.CharField(max_length=3)
    wallet = models.BigIntegerField(null=True)  # that pays, once it is known
    label = vault.EncryptedTextField(blank=True, default="")  # how whoever waits is called
    served_by = models.IntegerField(null=True)
    edits = ArrayField(models.CharField(max_length=32), default=list)  # hashes of whose keys, the last ones
    asked_for = models.CharField(max_length=250, unique=True)  # by whom and by which key
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    held_by = models.CharField(max_length=40, blank=True)
    held_at = models.DateTimeField(null=True)
    allowed_discount = models.BigIntegerField(default=0)  # that a second person has signed
    paid_for = models.CharField(max_length=250, blank=True)  # by whom and by which key
    operations = ArrayField(models.CharField(max_length=24), default=list)  # that paid for it, the largest part first

    class Meta:
        db_table = "basket"
        indexes: ClassVar = [
            models.Index(fields=["store", "held_at"], name="basket_held", condition=Q(state="held")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="basket_is_paid_by_something", condition=~Q(state="paid") | ~Q(operations=[])),
            models.CheckConstraint(
                name="basket_is_held_by_somebody", condition=~Q(state="held") | (Q(held_at__isnull=False) & ~Q(held_by=""))
            ),
        ]


class BasketLine(models.Model):
    """So much of a product. What it costs is said by the catalogue when it is asked, and kept when it is paid."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()  # thousandths
    discount = models.BigIntegerField(default=0)  # off the line, minor units

    class Meta:
        db_table = "basket_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basket", "product"], name="basket_line_once_a_product"),
            models.CheckConstraint(name="basket_line_of_something", condition=Q(quantity__gt=0, discount__gte=0)),
        ]


class CodePayment(models.Model):
    """The rest of a basket is asked for by the code on its payer's phone. The basket waits for it, and nobody changes it.

    Paid, it is sold or the money goes back: one of both. `means` is all else that pays, as `till.codes` wrote it down.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the customer")
        SOLD = "sold", _("Sold")
        OVER = "over", _("Not paid")
        RETURNED = "returned", _("Paid, and given back")

    is_replayed = False  # asked for now, or when its key came first

    basket = models.ForeignKey(Basket, on_delete=models.PROTECT, related_name="codes")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    till = models.IntegerField(null=True)
    total = models.BigIntegerField()  # of the whole basket, as the customer saw it
    means = models.JSONField()
    hold = models.BigIntegerField(null=True)  # its seq, where a wallet pays a part
    book = models.SmallIntegerField(null=True)  # where it was sold
    seq = models.BigIntegerField(null=True)
    why = models.CharField(max_length=200, blank=True)  # it could not be sold although it was paid
    asked_for = models.CharField(max_length=250, unique=True)  # by whom and by which key
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "basket_code_payment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basket"], condition=Q(state="waiting"), name="basket_waits_for_one_code"),
            models.UniqueConstraint(fields=["basket"], condition=Q(state="sold"), name="basket_is_sold_by_one_code"),
            models.CheckConstraint(
                name="basket_code_payment_ends",
                condition=Q(state="waiting", ended_at=None) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
            ),
        ]


class TopUpNotice(models.Model):
    """Colleagues of these roles, or a program, want to know of top-ups from `at_least` minor units on, or of all of a day."""

    roles = ArrayField(models.CharField(max_length=20))
    currency = models.CharField(max_length=3)
    at_least = models.BigIntegerField()
    method = models.SmallIntegerField(null=True)  # of ledger.chart; NULL is any
    is_daily = models.BooleanField(default=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "top_up_notice"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="top_up_notice_is_to_people_or_a_program",
                condition=Q(roles__len__gt=0, endpoint=None) | Q(roles=[], endpoint__isnull=False, is_daily=False),
            ),
            models.CheckConstraint(name="top_up_notice_is_of_an_amount", condition=Q(at_least__gte=0)),
        ]
