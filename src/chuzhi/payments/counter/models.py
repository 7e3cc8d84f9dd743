"""Shifts of cash drawers and how they were counted, slips of card terminals, and tenders: what paid a sale beside a wallet."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.organization.models import Store, Till


class CashKeeping(models.Model):
    """How a store keeps its cash. Amounts in minor units."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, primary_key=True, related_name="cash_keeping")
    currency = models.CharField(max_length=3, default="CNY")
    needs_shift = models.BooleanField(default=False)
    tolerance = models.BigIntegerField(default=0)  # a difference that needs no reason
    usual_float = models.BigIntegerField(default=0)

    class Meta:
        db_table = "cash_keeping"
        constraints: ClassVar = [
            models.CheckConstraint(name="cash_keeping_is_not_negative", condition=Q(tolerance__gte=0, usual_float__gte=0)),
        ]


class Shift(models.Model):
    """One stretch of work at one drawer: from the float put in to the count. `cash_in` and `cash_out` are from the books."""

    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="shifts")
    number = models.IntegerField()  # of this till, as it stands on its report
    currency = models.CharField(max_length=3)
    opened_with = models.BigIntegerField()
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField(default=timezone.now)
    counting_since = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)
    put_in = models.BigIntegerField(default=0)
    taken_out = models.BigIntegerField(default=0)
    cash_in = models.BigIntegerField(null=True)
    cash_out = models.BigIntegerField(null=True)
    cash_moves = models.IntegerField(null=True)
    counted = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "drawer_shift"
        indexes: ClassVar = [models.Index(fields=["-opened_at", "-id"], name="drawer_shift_newest_first")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["till"], condition=Q(closed_at=None), name="drawer_shift_one_open_a_till"),
            models.UniqueConstraint(fields=["till", "number"], name="drawer_shift_number_once_a_till"),
            models.CheckConstraint(
                name="drawer_shift_holds_no_debt", condition=Q(opened_with__gte=0, put_in__gte=0, taken_out__gte=0)
            ),
            models.CheckConstraint(
                name="drawer_shift_is_counted_to_close",
                condition=Q(closed_at=None, counted=None)
                | Q(
                    closed_at__isnull=False, counting_since__isnull=False, counted__gte=0, cash_in__isnull=False,
                    cash_out__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="drawer_shift_ends_after_it_begins", condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at"))
            ),
        ]  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def expected(self) -> int:
        """What should be in the drawer, by the books; before it is closed, without what the ledger has."""
        return self.opened_with + self.put_in - self.taken_out + (self.cash_in or 0) - (self.cash_out or 0)

    @property
    def difference(self) -> int:
        """More (+) or less (-) than the books say."""
        return 0 if self.counted is None else self.counted - self.expected


class DrawerMove(AppendOnly):
    """Cash put into a drawer or taken out of it that no customer paid or got."""

    class Way(models.TextChoices):
        IN = "in", _("Put in")
        OUT = "out", _("Taken out")

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="moves")
    way = models.CharField(max_length=3, choices=Way)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    asked_for = models.CharField(max_length=250, unique=True)  # by whom and by which key
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "drawer_move"
        constraints: ClassVar = [
            models.CheckConstraint(name="drawer_move_is_of_something_for_a_reason", condition=Q(amount__gt=0) & ~Q(reason="")),
        ]


class CountedPieces(AppendOnly):
    """How many of one note or coin were found."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="pieces")
    value = models.BigIntegerField()
    number = models.IntegerField()

    class Meta:
        db_table = "drawer_counted"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shift", "value"], name="drawer_counted_once"),
            models.CheckConstraint(name="drawer_counted_some", condition=Q(number__gt=0)),
        ]


class Slip(models.Model):
    """The slip of a card terminal that paid a top-up: claimed before it is booked, so that no slip pays twice."""

    terminal = models.CharField(max_length=40)
    number = models.CharField(max_length=40)
    on = models.DateField()
    scheme = models.CharField(max_length=20, blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    amount = models.BigIntegerField()
    book = models.SmallIntegerField()
    key_hash = models.UUIDField()
    claimed_by = models.CharField(max_length=40)
    claimed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "terminal_slip"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terminal", "on", "number"], name="terminal_slip_once_a_day"),
            models.CheckConstraint(name="terminal_slip_keeps_four_digits", condition=Q(last_four__regex=r"^(\d{4})?$")),
        ]
        indexes: ClassVar = [models.Index(fields=["book", "key_hash"], name="terminal_slip_by_key")]


class Tender(AppendOnly):
    """What paid a part of a sale beside the wallet (+), or was given back of that (-), in minor units.

    `book` and `seq` name the charge that the sale is, `place` which of its tenders, from 1.
    """

    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    place = models.SmallIntegerField()
    method = models.SmallIntegerField()  # of ledger.chart
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    store = models.IntegerField()
    till = models.IntegerField(null=True)
    reference = models.CharField(max_length=100, blank=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "counter_tender"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["book", "seq", "place"], condition=Q(amount__gt=0), name="counter_tender_taken_once"
            ),
            models.CheckConstraint(name="counter_tender_is_of_something", condition=~Q(amount=0)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["book", "seq"], name="counter_tender_of_a_sale"),
            models.Index(fields=["till", "made_at"], name="counter_tender_of_a_till"),
        ]
