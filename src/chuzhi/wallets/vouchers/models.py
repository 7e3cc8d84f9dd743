"""Recharge cards, where they are, and who tried to redeem them.

What a card is worth is not here: once it is sold, its value is in a bearer wallet of its own, and the ledger alone knows.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly
from chuzhi.customers import contacts
from chuzhi.organization.models import Store
from chuzhi.organization.partners.models import Partner
from chuzhi.wallets.models import Programme, Wallet


class VoucherBatch(models.Model):
    """Cards of one value that are ordered and printed together. An online batch has no end: its cards are made as they are sold."""

    class Form(models.TextChoices):
        SECRET = "secret", _("One long code")
        PIN = "pin", _("Card number and PIN")

    code = models.CharField(max_length=20, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    value = models.BigIntegerField()  # minor units of the programme's asset
    count = models.IntegerField()
    form = models.CharField(max_length=10, choices=Form)
    is_online = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    ordered_by = models.CharField(max_length=40)
    ordered_at = models.DateTimeField(default=timezone.now)
    printed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voucher_batch"
        constraints: ClassVar = [
            models.CheckConstraint(name="voucher_batch_is_worth_something", condition=Q(value__gt=0, count__gte=0)),
        ]


class Voucher(models.Model):
    """One card. Its code is not kept, only a keyed hash of it."""

    class Status(models.TextChoices):
        PRINTED = "printed", _("Printed")
        SENT = "sent", _("In stock")
        RESERVED = "reserved", _("Ordered, not paid")
        ACTIVE = "active", _("Alive")
        REDEEMING = "redeeming", _("Being redeemed")
        USED = "used", _("Redeemed")
        VOID = "void", _("Void")

    UNSOLD: ClassVar = (Status.PRINTED, Status.SENT)

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="vouchers")
    serial = models.IntegerField()  # 1, 2, 3 … of the batch
    number = models.CharField(max_length=20, unique=True)
    mark = models.BinaryField(max_length=16, null=True, unique=True)
    key = models.IntegerField(null=True)  # the number of the vault's key that made the mark
    status = models.CharField(max_length=10, choices=Status, default=Status.PRINTED)
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+")
    wallet = models.OneToOneField(Wallet, null=True, on_delete=models.PROTECT, related_name="voucher")
    sold_by = models.CharField(max_length=40, blank=True)
    sold_at = models.DateTimeField(null=True)
    purchase = models.ForeignKey("VoucherPurchase", null=True, on_delete=models.PROTECT, related_name="cards")
    reserved_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who reserved it and their key
    redeemed_into = models.ForeignKey(Wallet, null=True, on_delete=models.PROTECT, related_name="redeemed_vouchers")
    redeemed_by = models.CharField(max_length=40, blank=True)
    redeemed_at = models.DateTimeField(null=True)
    asked_for = models.BinaryField(max_length=16, null=True)  # hash of who redeemed it and their key
    tries = models.IntegerField(default=0)  # transfers begun: each has a key of its own

    class Meta:
        db_table = "voucher"
        indexes: ClassVar = [
            models.Index(fields=["store", "batch", "status"], name="voucher_by_store", condition=Q(store__isnull=False)),
            models.Index(fields=["partner", "batch", "status"], name="voucher_by_partner", condition=Q(partner__isnull=False)),
            models.Index(fields=["batch"], name="voucher_unsold", condition=Q(status__in=["printed", "sent"])),
            models.Index(fields=["redeemed_at"], name="voucher_being_redeemed", condition=Q(status="redeeming")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "serial"], name="voucher_serial_once"),
            models.CheckConstraint(name="voucher_is_in_one_place", condition=Q(store=None) | Q(partner=None)),
            models.CheckConstraint(
                name="voucher_has_value_once_it_is_sold",
                condition=Q(status__in=["active", "redeeming", "used"], wallet__isnull=False, sold_at__isnull=False)
                | Q(status__in=["printed", "sent", "reserved"], wallet=None, sold_at=None)
                | Q(status="void", wallet=None, sold_at=None)
                | Q(status="void", wallet__isnull=False, sold_at__isnull=False),
            ),
            models.CheckConstraint(
                name="voucher_is_redeemed_into_a_wallet",
                condition=Q(status__in=["redeeming", "used"], redeemed_into__isnull=False, redeemed_at__isnull=False)
                | Q(status__in=["printed", "sent", "reserved", "active", "void"], redeemed_into=None, redeemed_at=None),
            ),
            models.CheckConstraint(
                name="voucher_in_stock_is_somewhere",
                condition=~Q(status="sent") | Q(store__isnull=False) | Q(partner__isnull=False),
            ),
        ]


class VoucherPurchase(models.Model):
    """Cards that one buyer takes at once in a store. Who that is, is asked where law wants to know it."""

    mark = models.BinaryField(max_length=16)  # hash of who sells and what they call it
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    name = vault.EncryptedTextField(null=True)
    identity_number = vault.EncryptedTextField(null=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "voucher_purchase"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mark", "store"], name="voucher_purchase_once"),
            models.CheckConstraint(
                name="voucher_purchase_names_its_buyer_wholly",
                condition=Q(name__isnull=True, identity_number__isnull=True)
                | Q(name__isnull=False, identity_number__isnull=False),
            ),
        ]

    @property
    def is_identified(self) -> bool:
        return self.identity_number is not None

    @property
    def masked_identity_number(self) -> str:
        return contacts.masked_identity_number(self.identity_number) if self.identity_number else ""


class VoucherMove(AppendOnly):
    """A run of cards was printed, sent somewhere, taken back or made void, in one act."""

    class Kind(models.TextChoices):
        PRINTED = "printed", _("Printed")
        RENEWED = "renewed", _("New codes")
        SENT = "sent", _("Sent out")
        RETURNED = "returned", _("Taken back")
        VOIDED = "voided", _("Made void")

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=10, choices=Kind)
    first = models.IntegerField()
    last = models.IntegerField()
    count = models.IntegerField()  # cards that it moved: fewer than the run where some were sold already
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "voucher_move"
        constraints: ClassVar = [
            models.CheckConstraint(name="voucher_move_is_a_run", condition=Q(first__gte=1, last__gte=F("first"), count__gte=0)),
        ]


class VoucherCount(AppendOnly):
    """Somebody counted the cards of a batch that lie in a place: what there should be, and what there was."""

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="counts")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+")
    expected = models.IntegerField()
    counted = models.IntegerField()
    remark = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "voucher_count"
        constraints: ClassVar = [
            models.CheckConstraint(name="voucher_count_counts", condition=Q(expected__gte=0, counted__gte=0)),
            models.CheckConstraint(
                name="voucher_count_is_of_one_place", condition=Q(store=None, partner__isnull=False) | Q(partner=None)
            ),
        ]


class VoucherTry(models.Model):
    """Somebody tried to redeem a card, or to see what is on it.

    Written before the code is looked at, so that tries at one moment count each other.
    """

    class Verdict(models.TextChoices):
        OPEN = "open"
        RIGHT = "right"
        WRONG = "wrong"
        STOPPED = "stopped"  # too many before it: the code was not looked at
        FORGIVEN = "forgiven"

    at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.OPEN)
    card = models.CharField(max_length=20, blank=True)  # the number that was typed, if the card has one
    source = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=64, blank=True, default="")
    customer = models.BigIntegerField(null=True)
    store = models.IntegerField(null=True)
    actor = models.CharField(max_length=40)

    class Meta:
        db_table = "voucher_try"
        indexes: ClassVar = [
            models.Index(fields=["card"], name="voucher_try_by_card", condition=Q(verdict__in=["open", "wrong"]) & ~Q(card="")),
            models.Index(fields=["source", "at"], name="voucher_try_by_source", condition=Q(verdict__in=["open", "wrong"])),
            models.Index(fields=["device", "at"], name="voucher_try_by_device", condition=Q(verdict__in=["open", "wrong"])),
            models.Index(fields=["customer", "at"], name="voucher_try_by_customer", condition=Q(verdict__in=["open", "wrong"])),
            models.Index(fields=["store", "at"], name="voucher_try_by_store", condition=Q(verdict__in=["open", "wrong"])),
            models.Index(fields=["at"], name="voucher_try_by_time"),
        ]


class VoucherAlarm(models.Model):
    """Too many wrong codes from one side. One is open for each side at a time, and only grows until somebody looks at it."""

    class Kind(models.TextChoices):
        CARD = "card", _("On one card")
        SOURCE = "source", _("From one address")
        DEVICE = "device", _("From one device")
        CUSTOMER = "customer", _("By one customer")
        STORE = "store", _("In one store")
        EVERYWHERE = "everywhere", _("Everywhere together")

    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=64)
    count = models.IntegerField()
    raised_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    seen_by = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voucher_alarm"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(seen_at=None), name="voucher_alarm_open_once"),
        ]
