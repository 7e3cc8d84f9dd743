"""What is on offer (append-only, in versions), what each top-up was given, and what is still to come of it.

Amounts and worths in minor units of the offer's programme, unless a gift is of another one.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer
from chuzhi.topups import offer_rules
from chuzhi.topups.channels import Channel
from chuzhi.wallets.models import Programme

MOST_PARTS = 400


class Offer(models.Model):
    """Pay this, get that, as long as its budget lasts. `given` is the worth of all that was given so far, in parts to come too;
    `reserved` of what was promised to orders that are not paid yet."""

    class Stopped(models.TextChoices):
        BY_HAND = offer_rules.Why.STOPPED, _("Stopped")
        BY_BUDGET = offer_rules.Why.BUDGET, _("Budget used up")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    budget = models.BigIntegerField(null=True)
    given = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    uses = models.IntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=10, choices=Stopped, blank=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "topup_offer"
        indexes: ClassVar = [
            models.Index(fields=["programme"], name="topup_offer_running", condition=Q(stopped_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="topup_offer_stays_in_its_budget",
                condition=Q(given__gte=0, reserved__gte=0, uses__gte=0)
                & (Q(budget=None) | Q(budget__gte=F("given") + F("reserved"))),
            ),
            models.CheckConstraint(
                name="topup_offer_stops_for_a_reason",
                condition=Q(stopped_at=None, stopped_because="") | (Q(stopped_at__isnull=False) & ~Q(stopped_because="")),
            ),
            models.CheckConstraint(name="topup_offer_has_a_name", condition=~Q(name_zh="")),
        ]

    @property
    def name(self) -> str:
        """In the reader's language, as far as it has one."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name_zh

    @property
    def left(self) -> int | None:
        """What the budget still allows; None: there is none."""
        return None if self.budget is None else self.budget - self.given - self.reserved


class OfferTerms(AppendOnly):
    """One version of an offer's conditions. Empty lists are no condition."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="versions")
    version = models.IntegerField()
    priority = models.SmallIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    tiers = ArrayField(models.CharField(max_length=40), default=list)
    stores = ArrayField(models.IntegerField(), default=list)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list)
    is_first_only = models.BooleanField(default=False)
    most_uses = models.IntegerField(null=True)  # of one customer
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "topup_offer_terms"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "version"], name="topup_offer_version_once"),
            models.CheckConstraint(name="topup_offer_lasts_a_while", condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="topup_offer_can_be_used", condition=Q(most_uses=None) | Q(most_uses__gt=0)),
        ]


class OfferBand(AppendOnly):
    """Pay at least this much at once."""

    terms = models.ForeignKey(OfferTerms, on_delete=models.PROTECT, related_name="bands")
    pay = models.BigIntegerField()

    class Meta:
        db_table = "topup_offer_band"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "pay"], name="topup_band_once"),
            models.CheckConstraint(name="topup_band_costs_something", condition=Q(pay__gt=0)),
        ]


class OfferGift(AppendOnly):
    """One thing that a band gives: `amount` of bonus, of what another programme holds, or of coupons; of a level, 1.

    `worth` is what the whole of it costs the shop. In `parts`, one `every` so often, the first of them at once.
    """

    class Kind(models.TextChoices):
        BONUS = offer_rules.Kind.BONUS, _("Bonus")
        LOT = offer_rules.Kind.LOT, _("Points or visits")
        COUPON = offer_rules.Kind.COUPON, _("Coupon")
        LEVEL = offer_rules.Kind.LEVEL, _("Level")

    class Every(models.TextChoices):
        DAY = offer_rules.Every.DAY, pgettext_lazy("rhythm", "Every day")
        WEEK = offer_rules.Every.WEEK, pgettext_lazy("rhythm", "Every week")
        MONTH = offer_rules.Every.MONTH, pgettext_lazy("rhythm", "Every month")

    band = models.ForeignKey(OfferBand, on_delete=models.PROTECT, related_name="gifts")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.BigIntegerField()
    worth = models.BigIntegerField()
    programme = models.ForeignKey(Programme, null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, blank=True)
    valid_days = models.IntegerField(null=True)
    parts = models.SmallIntegerField(default=1)
    every = models.CharField(max_length=10, choices=Every, blank=True)

    class Meta:
        db_table = "topup_offer_gift"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="topup_gift_is_of_its_kind",
                condition=Q(kind="bonus", programme=None, code="", worth=F("amount"))
                | (Q(kind="lot", code="") & Q(programme__isnull=False))
                | (Q(kind="coupon", programme=None) & ~Q(code=""))
                | (Q(kind="level", programme=None, amount=1) & ~Q(code="")),
            ),
            models.CheckConstraint(
                name="topup_gift_is_something",
                condition=Q(amount__gt=0, worth__gte=0) & (Q(valid_days=None) | Q(valid_days__gt=0)),
            ),
            models.CheckConstraint(
                name="topup_gift_comes_in_parts",
                condition=Q(parts=1, every="") | (Q(parts__range=(2, MOST_PARTS), amount__gte=F("parts")) & ~Q(every="")),
            ),
        ]


class OfferUse(AppendOnly):
    """What one top-up (its place in the journal) was given. Written with it: there is no gift without its row."""

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    band = models.ForeignKey(OfferBand, on_delete=models.PROTECT, related_name="+")
    wallet = models.BigIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    store = models.IntegerField(null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    paid = models.BigIntegerField()
    bonus = models.BigIntegerField()
    worth = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        db_table = "topup_offer_use"
        indexes: ClassVar = [
            models.Index(fields=["offer", "customer", "wallet"], name="topup_use_by_holder"),
            models.Index(fields=["wallet"], name="topup_use_by_wallet"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="topup_use_is_paid_for", condition=Q(paid__gt=0, bonus__gte=0, worth__gte=F("bonus"))),
        ]


class GiftPart(models.Model):
    """One part of what a top-up was given: waiting, released (as an operation of `wallet`, if value moved), or stopped."""

    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    gift = models.ForeignKey(OfferGift, on_delete=models.PROTECT, related_name="+")
    number = models.SmallIntegerField()  # from 0
    amount = models.BigIntegerField()
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    released_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    wallet = models.BigIntegerField(null=True)
    released_seq = models.BigIntegerField(null=True)
    taken_back = models.BigIntegerField(default=0)

    class Meta:
        db_table = "topup_gift_part"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="topup_part_waiting", condition=Q(released_at=None, stopped_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["book", "seq", "gift", "number"], name="topup_part_once"),
            models.CheckConstraint(name="topup_part_ends_one_way", condition=Q(released_at=None) | Q(stopped_at=None)),
            models.CheckConstraint(
                name="topup_part_goes_back_at_most_whole",
                condition=Q(amount__gt=0, taken_back__range=(0, F("amount")))
                & (Q(taken_back=0) | Q(released_at__isnull=False)),
            ),
        ]


class Benefit(models.Model):
    """A fact that a gift left behind: coupons of a code, or a level until a day."""

    class Kind(models.TextChoices):
        COUPON = offer_rules.Kind.COUPON, _("Coupon")
        LEVEL = offer_rules.Kind.LEVEL, _("Level")

    part = models.OneToOneField(GiftPart, on_delete=models.PROTECT, related_name="benefit")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=40)
    quantity = models.IntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "topup_benefit"
        indexes: ClassVar = [models.Index(fields=["customer", "kind"], name="topup_benefit_of_customer")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="topup_benefit_is_something",
                condition=Q(quantity__gt=0) & ~Q(code="") & (Q(until=None) | Q(until__gt=F("since"))),
            ),
        ]
